import { setTimeout as sleep } from 'node:timers/promises'

import { runFullSpeed } from '../load/full-speed-load.ts'
import type { WrkReport } from '../load/wrk-report.ts'
import type { ReceiverKind } from '../receivers/receiver.ts'
import { countedRun } from '../servers/counted-run.ts'
import type { Dropped } from '../servers/counted-run.ts'
import { netOf, noCounts } from '../servers/counts.ts'
import type { Counts } from '../servers/counts.ts'
import { cpuSeconds, rssBytes } from '../servers/process-figures.ts'
import type { Server } from '../servers/server.ts'
import type { Variant } from '../variants.ts'
import type { Workload } from '../workloads.ts'
import type { Context } from './context.ts'

export interface FullSpeedJob {
  variant: Variant
  workload: Workload
  receiver: ReceiverKind
  round: number
  warmUpSeconds: number
  seconds: number
}

export interface FullSpeedRound {
  variant: string
  workload: string
  receiver: ReceiverKind
  round: number
  perSecond: number
  /** Share of its core that the server used. */
  busy: number
  /** It was never busy enough: the generator or a neighbour was the limit. */
  isVoid: boolean
  tries: number
  cpuMicros: number
  p50Millis: number
  p99Millis: number
  idleBytes: number
  loadedBytes: number
  stopSeconds: number
  /** Answers that the generator saw, warm-up included. When it stops, up to 64 more are under way. */
  asked: number
  /** Requests that the server ended, by its own count; where it counts none, those asked for. */
  requests: number
  /** Of all these requests. */
  counts: Counts
  /** What the server itself counts as lost. */
  dropped: Dropped
}

/** A round of a server's own process: fresh start, warm-up, measured load, stop. */
export async function measureFullSpeed(
  job: FullSpeedJob,
  context: Context,
): Promise<FullSpeedRound> {
  // The real collector takes so much of the second core that a fast server waits for it: no second try changes that.
  const mostTries = job.receiver === 'collector' ? 1 : context.mostTries
  let best = await tryOnce(job, context)
  while (best.isVoid && best.tries < mostTries) {
    const again = await tryOnce(job, context)
    best = { ...(again.busy > best.busy ? again : best), tries: best.tries + 1 }
  }
  return best
}

async function tryOnce(job: FullSpeedJob, context: Context): Promise<FullSpeedRound> {
  const { variant, workload, receiver, round } = job
  const options = { upstreamUrl: context.upstream.url, environment: workload.environment }
  const { result, counts, dropped, ended } = await countedRun(
    variant,
    await context.receiver(receiver),
    options,
    (server) => underLoad(job, server),
  )
  const net = netOf(counts, context.baselines.get(variant.name) ?? noCounts)
  return {
    variant: variant.name,
    workload: workload.name,
    receiver,
    round,
    ...result,
    isVoid: result.busy < context.leastBusy,
    tries: 1,
    stopSeconds: ended.seconds,
    requests: variant.histogram === undefined ? result.asked : net.observations,
    counts: net,
    dropped,
  }
}

async function underLoad({ workload, warmUpSeconds, seconds }: FullSpeedJob, server: Server) {
  const { url, pid } = server
  const idleBytes = rssBytes(pid)
  const warmUp = await runFullSpeed(url, workload, warmUpSeconds)
  const cpuBefore = cpuSeconds(pid)
  const [report, busy] = await Promise.all([
    runFullSpeed(url, workload, seconds),
    busyShare(pid, seconds),
  ])
  const cpuUsed = cpuSeconds(pid) - cpuBefore
  const loadedBytes = rssBytes(pid)
  for (const each of [warmUp, report]) refuseFailures(workload, each)
  return {
    perSecond: report.perSecond,
    busy,
    cpuMicros: (cpuUsed / report.requests) * 1e6,
    p50Millis: report.p50Millis,
    p99Millis: report.p99Millis,
    idleBytes,
    loadedBytes,
    asked: warmUp.requests + report.requests,
  }
}

/** Without the edges, where the generator starts and stops. */
async function busyShare(pid: number, seconds: number): Promise<number> {
  const edgeMillis = 300
  await sleep(edgeMillis)
  const [cpuBefore, before] = [cpuSeconds(pid), performance.now()]
  await sleep(seconds * 1000 - 2 * edgeMillis)
  return (cpuSeconds(pid) - cpuBefore) / ((performance.now() - before) / 1000)
}

function refuseFailures({ title, status }: Workload, report: WrkReport): void {
  const expected = status >= 400 ? report.requests : 0
  if (report.failures === expected && report.socketErrors === 0) return
  throw new Error(
    `${title}: ${report.failures} of ${report.requests} answers were failures, ${report.socketErrors} socket errors`,
  )
}
