import { setTimeout as sleep } from 'node:timers/promises'

import { runFullSpeed } from '../load/full-speed-load.ts'
import type { WrkReport } from '../load/wrk-report.ts'
import type { ReceiverKind } from '../receivers/receiver.ts'
import { byTurns } from '../servers/by-turns.ts'
import type { Turns } from '../servers/by-turns.ts'
import { countedRun } from '../servers/counted-run.ts'
import type { Dropped } from '../servers/counted-run.ts'
import { netOf, noCounts } from '../servers/counts.ts'
import type { Counts } from '../servers/counts.ts'
import { cpuSeconds, rssBytes } from '../servers/process-figures.ts'
import { quiet } from '../servers/quiet.ts'
import type { Server } from '../servers/server.ts'
import type { Variant } from '../variants.ts'
import type { Workload } from '../workloads.ts'
import type { Context } from './context.ts'

/** One of those that are compared. */
export interface Contestant {
  variant: Variant
  receiver: ReceiverKind
}

export interface FullSpeedJob {
  contestants: Contestant[]
  workload: Workload
  round: number
  /** Turns that are not measured, before those that are. */
  warmUpTurns: number
  turns: number
}

/** A second of full load. */
export interface Turn {
  perSecond: number
  /** Share of its core that the server used. */
  busy: number
  /** It was not busy enough: the generator or a neighbour was the limit. */
  isVoid: boolean
  cpuMicros: number
  p50Millis: number
  p99Millis: number
}

export interface FullSpeedRound {
  variant: string
  workload: string
  receiver: ReceiverKind
  round: number
  /** The n-th of each contestant were measured right behind one another. */
  turns: Turn[]
  idleBytes: number
  loadedBytes: number
  stopSeconds: number
  /** Answers that the generator saw, warm-up included. */
  asked: number
  /** How often the generator was at work. When it stops, up to 64 more answers are under way. */
  loads: number
  /** Requests that the server ended, by its own count; where it counts none, those asked for. */
  requests: number
  /** Of all these requests. */
  counts: Counts
  /** What the server itself counts as lost. */
  dropped: Dropped
}

const TURN_SECONDS = 1
const TURN_EDGE_MILLIS = 150

/**
 * A round of all that are compared: fresh processes, alive side by side, a second of load each by turns, with nobody else at
 * work. What slows the machine down for more than a second slows all of them down alike. The warm-up is by turns, too: of
 * who waits for a minute or two, V8 may drop what it compiled, and a measured turn would compile it anew.
 */
export function measureFullSpeed(
  { contestants, ...job }: FullSpeedJob,
  context: Context,
): Promise<PromiseSettledResult<FullSpeedRound>[]> {
  const turn = byTurns()
  return Promise.allSettled(
    contestants.map((contestant) => measureOne(contestant, job, turn, context)),
  )
}

async function measureOne(
  { variant, receiver }: Contestant,
  job: Omit<FullSpeedJob, 'contestants'>,
  turn: Turns,
  context: Context,
): Promise<FullSpeedRound> {
  const { workload, round } = job
  const options = { upstreamUrl: context.upstream.url, environment: workload.environment }
  const { result, counts, dropped, ended } = await countedRun(
    variant,
    // What is under way when the next one has its turn must be counted apart.
    await context.receiver(receiver, variant.name),
    options,
    (server) => underLoad(server, job, turn, context.leastBusy),
    turn,
  )
  const net = netOf(counts, context.baselines.get(variant.name) ?? noCounts)
  return {
    variant: variant.name,
    workload: workload.name,
    receiver,
    round,
    ...result,
    stopSeconds: ended.seconds,
    requests: variant.histogram === undefined ? result.asked : net.observations,
    counts: net,
    dropped,
  }
}

async function underLoad(
  { url, pid }: Server,
  { workload, warmUpTurns, turns: count }: Omit<FullSpeedJob, 'contestants'>,
  turn: Turns,
  leastBusy: number,
) {
  const idleBytes = rssBytes(pid)
  const turns: Turn[] = []
  let [asked, loads, loadedBytes] = [0, 0, idleBytes]
  while (turns.length < count) {
    await turn(async () => {
      const { report, ...measured } = await oneTurn(url, pid, workload, leastBusy)
      asked += report.requests
      loads += 1
      if (loads > warmUpTurns) turns.push(measured)
      loadedBytes = rssBytes(pid)
      await quiet(pid)
    })
  }
  return { turns, idleBytes, loadedBytes, asked, loads }
}

async function oneTurn(
  url: string,
  pid: number,
  workload: Workload,
  leastBusy: number,
): Promise<Turn & { report: WrkReport }> {
  const cpuBefore = cpuSeconds(pid)
  const [report, busy] = await Promise.all([
    load(url, workload, TURN_SECONDS),
    busyShare(pid, TURN_SECONDS * 1000),
  ])
  return {
    report,
    perSecond: report.perSecond,
    busy,
    isVoid: busy < leastBusy,
    cpuMicros: ((cpuSeconds(pid) - cpuBefore) / report.requests) * 1e6,
    p50Millis: report.p50Millis,
    p99Millis: report.p99Millis,
  }
}

async function load(url: string, workload: Workload, seconds: number): Promise<WrkReport> {
  const report = await runFullSpeed(url, workload, seconds)
  refuseFailures(workload, report)
  return report
}

/** Without the edges, where the generator starts and stops. */
async function busyShare(pid: number, millis: number): Promise<number> {
  await sleep(TURN_EDGE_MILLIS)
  const [cpuBefore, before] = [cpuSeconds(pid), performance.now()]
  await sleep(millis - 2 * TURN_EDGE_MILLIS)
  return (cpuSeconds(pid) - cpuBefore) / ((performance.now() - before) / 1000)
}

function refuseFailures({ title, status }: Workload, report: WrkReport): void {
  const expected = status >= 400 ? report.requests : 0
  if (report.failures === expected && report.socketErrors === 0) return
  throw new Error(
    `${title}: ${report.failures} of ${report.requests} answers were failures, ${report.socketErrors} socket errors`,
  )
}
