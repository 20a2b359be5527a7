import type { Backlog } from './backlog.ts'
import { bufferedStdout } from './buffered-stdout.ts'
import type { Metrics } from './guarded-registry.ts'
import type { LineBuffer } from './line-buffer.ts'
import type { Logger } from './logger.ts'
import { RateLimit } from './rate-limit.ts'

// What a stuck reader may add to a stop, which has its ten seconds already given away.
const exitMillis = 300
// With what a backlog waits: 200.
const flushMillis = 150

/** The process' stdout: what waits there leaves at the exit, what its reader did not take in time is counted. */
export function createStdout(metrics: Metrics, logger: () => Logger, backlog: Backlog): LineBuffer {
  const dropped = metrics.counter({
    name: 'log_lines_dropped_total',
    help: 'Lines that were lost because stdout did not take them in time; by OTLP they leave all the same.',
  })
  const limit = new RateLimit(1, 10)
  const lines = bufferedStdout({
    flushMillis,
    settle: () => backlog.settle(),
    onDropped(count) {
      dropped.inc(count)
      if (limit.admit() !== undefined) {
        logger().warn({ count }, 'log lines were lost: stdout did not take them')
      }
    },
  })
  process.on('exit', () => {
    lines.flushSync(exitMillis)
    // Whoever logs in a later handler of the same event is heard, too.
    lines.writeThrough()
  })
  return lines
}
