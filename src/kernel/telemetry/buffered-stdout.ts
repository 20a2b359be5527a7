import { LineBuffer } from './line-buffer.ts'
import type { LineBufferOptions } from './line-buffer.ts'

/**
 * Stdout for lines of our own. Whatever else goes through `process.stdout` may overtake them.
 *
 * A pipe or a socket must not block, or a reader that lags would stall every request. Node has no fcntl, but touching
 * `process.stdout` sets O_NONBLOCK on both: libuv needs it for its own streams, and Node takes it back at exit. The
 * bytes still go by `writeSync`, which throws EAGAIN then: `process.stdout.write` would queue them where the end of
 * the process cannot wait for them. A file never refuses; a terminal goes on blocking, and so does a pipe whose flag
 * another process takes back, such as a child that inherits stdout.
 */
export function bufferedStdout(options: Omit<LineBufferOptions, 'fd' | 'immediate'>): LineBuffer {
  return new LineBuffer({ ...options, fd: 1, immediate: process.stdout.isTTY })
}
