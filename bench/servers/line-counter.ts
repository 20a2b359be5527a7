import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { programOrThrow } from '../programs.ts'

export interface Counted {
  lines: number
  lastLine: string
}

export interface LineCounter {
  /** The pipe's end to write to; whoever gave it away closes it. */
  fd: number
  /** Resolves when nobody has the other end any more. */
  counted: Promise<Counted>
}

/**
 * A pipe whose reader counts, as a container's stdout is one: a file would charge its pages to the server. A named one,
 * since what Node calls a pipe between processes is a socket.
 */
export function countLines(folder: string): LineCounter {
  const fifo = join(folder, 'stdout')
  execFileSync('mkfifo', [fifo])
  const reader = spawn(programOrThrow('awk'), ['END { print NR; print }', fifo], {
    // Bytes: what is no UTF-8 is a line all the same.
    env: { LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const counted = Promise.all([text(reader.stdout), once(reader, 'exit')]).then(([output]) => {
    const [lines = '', lastLine = ''] = output.split('\n')
    return { lines: Number(lines), lastLine }
  })
  // Waits until the reader has opened its end.
  return { fd: openSync(fifo, 'w'), counted }
}
