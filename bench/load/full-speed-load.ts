import { programOrThrow } from '../programs.ts'
import type { Workload } from '../workloads.ts'
import { runProgram } from './run-program.ts'
import { readWrkReport } from './wrk-report.ts'
import type { WrkReport } from './wrk-report.ts'

export const CONNECTIONS = 64

/** As many requests as the server can answer: each connection sends the next when it has its answer. */
export async function runFullSpeed(
  url: string,
  { path, script, body }: Workload,
  seconds: number,
): Promise<WrkReport> {
  const report = await runProgram(
    programOrThrow('wrk'),
    [
      '--threads=1',
      `--connections=${CONNECTIONS}`,
      `--duration=${seconds}s`,
      // Its own two seconds are less than a neighbour may take of a slow server's core.
      '--timeout=10s',
      '--latency',
      ...(script === undefined ? [] : [`--script=${script}`]),
      `${url}${path}`,
    ],
    body === undefined ? {} : { BENCH_BODY: body },
  )
  return readWrkReport(report)
}
