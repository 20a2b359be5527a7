import { runFixedRate } from '../load/fixed-rate-load.ts'
import { runFullSpeed } from '../load/full-speed-load.ts'
import { countedRun } from '../servers/counted-run.ts'
import { cpuSeconds } from '../servers/process-figures.ts'
import { quiet } from '../servers/quiet.ts'
import type { Variant } from '../variants.ts'
import { workloadNamed } from '../workloads.ts'
import type { Context } from './context.ts'

export interface FixedRateJob {
  variant: Variant
  round: number
  perSecond: number
  warmUpSeconds: number
  seconds: number
}

export interface FixedRateRound {
  variant: string
  round: number
  wantedPerSecond: number
  /** Less than wanted where the server could not. */
  perSecond: number
  p50Millis: number
  p99Millis: number
  p999Millis: number
  cpuMicros: number
}

/** Open loop: a request is due when it is due, and a server that is busy is charged for its waiting. */
export async function measureFixedRate(
  { variant, round, perSecond, warmUpSeconds, seconds }: FixedRateJob,
  context: Context,
): Promise<FixedRateRound> {
  const workload = workloadNamed('root')
  const { result } = await countedRun(
    variant,
    await context.receiver('own'),
    { upstreamUrl: context.upstream.url },
    async ({ url, pid }) => {
      // At this rate it would take V8 a quarter of a minute to compile all that it will, and p99 would be its compiler's.
      await runFullSpeed(url, workload, warmUpSeconds)
      await quiet(pid)
      const cpuBefore = cpuSeconds(pid)
      const report = await runFixedRate(url, workload, perSecond, seconds)
      return { ...report, cpuMicros: ((cpuSeconds(pid) - cpuBefore) / report.requests) * 1e6 }
    },
  )
  return {
    variant: variant.name,
    round,
    wantedPerSecond: perSecond,
    perSecond: result.perSecond,
    p50Millis: result.p50Millis,
    p99Millis: result.p99Millis,
    p999Millis: result.p999Millis,
    cpuMicros: result.cpuMicros,
  }
}
