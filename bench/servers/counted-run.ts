import { valueOf } from '../../test/support/exposition.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Variant } from '../variants.ts'
import { atOnce } from './by-turns.ts'
import type { Turns } from './by-turns.ts'
import type { Counts } from './counts.ts'
import { quiet } from './quiet.ts'
import { startServer } from './server.ts'
import type { Ended, Server, ServerOptions } from './server.ts'

/** What the variant says that it lost; zero where it says nothing. */
export interface Dropped {
  spans: number
  logRecords: number
}

export interface CountedRun<result> {
  result: result
  counts: Counts
  dropped: Dropped
  ended: Ended
}

/** A server's whole life: start, work, one scrape, SIGTERM; and what it left in all that time. */
export async function countedRun<result>(
  variant: Variant,
  receiver: Receiver,
  options: Omit<ServerOptions, 'otlpUrl'>,
  work: (server: Server) => Promise<result>,
  /** Those of several that live side by side; the work takes its own. */
  turn: Turns = atOnce,
): Promise<CountedRun<result>> {
  const before = await receiver.received()
  await using server = await turn(() => startServer(variant, { ...options, otlpUrl: receiver.url }))
  const result = await work(server).catch(async (error: unknown) => {
    throw new Error(`${String(error)}; the server's last words: ${await server.lastWords()}`, {
      cause: error,
    })
  })
  return await turn(async () => {
    await quiet(server.pid)
    const samples = variant.histogram === undefined ? [] : await server.samples()
    const ended = await server.stop()
    const after = await receiver.received()
    return {
      result,
      ended,
      counts: {
        spans: after.spans - before.spans,
        logRecords: after.logRecords - before.logRecords,
        lines: ended.lines,
        observations: valueOf(samples, `${variant.histogram}_count`),
      },
      dropped: {
        spans: valueOf(samples, 'telemetry_dropped_total', { signal: 'spans' }),
        logRecords: valueOf(samples, 'telemetry_dropped_total', { signal: 'logs' }),
      },
    }
  })
}
