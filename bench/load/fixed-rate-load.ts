import { programOrThrow } from '../programs.ts'
import type { Workload } from '../workloads.ts'
import { CONNECTIONS } from './full-speed-load.ts'
import { readOhaReport } from './oha-report.ts'
import type { OhaReport } from './oha-report.ts'
import { runProgram } from './run-program.ts'

/** So many requests a second, whether the server keeps up or not; latency counts from when each was due. */
export async function runFixedRate(
  url: string,
  { method, path, body }: Workload,
  perSecond: number,
  seconds: number,
): Promise<OhaReport> {
  const report = await runProgram(
    programOrThrow('oha'),
    [
      '--no-tui',
      '--output-format=json',
      '--latency-correction',
      '-q',
      String(perSecond),
      '-z',
      `${seconds}s`,
      '-c',
      String(CONNECTIONS),
      '-m',
      method,
      ...(body === undefined ? [] : ['-d', body, '-T', 'application/json']),
      `${url}${path}`,
    ],
    // One thread: it has one core, and shares it.
    { TOKIO_WORKER_THREADS: '1' },
  )
  return withoutFailures(readOhaReport(report))
}

function withoutFailures(report: OhaReport): OhaReport {
  const { requests, statuses, errors } = report
  if (errors === 0 && statuses['200'] === requests) return report
  throw new Error(`not all were answered with 200: ${JSON.stringify(statuses)}, ${errors} errors`)
}
