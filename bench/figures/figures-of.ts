import type { FullSpeedRound } from '../measures/full-speed.ts'
import type { Results } from '../results.ts'
import type { Counts } from '../servers/counts.ts'
import { deliveredShares, worstShare } from './delivered.ts'
import { median } from './median.ts'
import { pairedRatios } from './paired-ratios.ts'
import { byRound, roundsOf } from './rounds.ts'
import type { Selection } from './rounds.ts'
import { turnByTurn } from './turn-by-turn.ts'

/** The figures that budgets are about, by name. Undefined was not measured; NaN was, but no round of it counts. */
export type Figures = Record<string, number | undefined>

const ours = 'plainsight-lean'
const mebibyte = 1024 ** 2

export function figuresOf(results: Results): Figures {
  return {
    throughputToBareHono: throughputRatio(results, { variant: ours }, { variant: 'bare-hono' }),
    throughputToByTheDocs: throughputRatio(results, { variant: ours }, { variant: 'by-the-docs' }),
    distinctPathsToBareHono: throughputRatio(
      results,
      { variant: ours, workload: 'users' },
      { variant: 'bare-hono', workload: 'users' },
    ),
    standardThroughputToBareHono: throughputRatio(
      results,
      { variant: 'plainsight-standard' },
      { variant: 'bare-hono' },
    ),
    downThroughputToUp: throughputRatio(
      results,
      { variant: ours, receiver: 'down' },
      { variant: ours },
    ),
    addedCpuToBareHono: addedCpu(results, (added, bare) => added / bare),
    addedCpuToByTheDocs: addedCpu(results, (added, bare, docs) => added / (docs - bare)),
    ...deliveries(results),
    ...latencies(results),
    ...memory(results),
    ...starts(results),
    ...stops(results),
    ...outage(results),
  }
}

function throughputRatio(
  results: Results,
  selection: Selection,
  reference: Selection,
): number | undefined {
  if (!isMeasured(results, selection) || !isMeasured(results, reference)) return undefined
  const variants = [roundsOf(results, selection), roundsOf(results, reference)]
  return median(turnByTurn(variants, (own, other) => own.perSecond / other.perSecond))
}

function isMeasured(results: Results, selection: Selection): boolean {
  return roundsOf(results, selection).length > 0
}

/** Turn by turn, from the processor time a request of ours, of bare-hono and of by-the-docs. */
function addedCpu(
  results: Results,
  figure: (added: number, bare: number, docs: number) => number,
): number | undefined {
  const names = [ours, 'bare-hono', 'by-the-docs']
  if (!names.every((variant) => isMeasured(results, { variant }))) return undefined
  return median(
    turnByTurn(
      names.map((variant) => roundsOf(results, { variant })),
      (own, bare, docs) => figure(own.cpuMicros - bare.cpuMicros, bare.cpuMicros, docs.cpuMicros),
    ),
  )
}

/** The worst of all rounds with a receiver that answers, void ones too: what is lost then is lost. */
function deliveries({ fullSpeed, leavings }: Results): Figures {
  const leaves = leavings.find(
    ({ variant, workload }) => variant === ours && workload === 'root',
  )?.perRequest
  const rounds = fullSpeed.filter(
    ({ variant, workload, receiver }) =>
      variant === ours && workload === 'root' && (receiver === 'own' || receiver === 'collector'),
  )
  if (!leaves || rounds.length === 0) return {}
  const worst = (kind: keyof Counts) =>
    worstShare(rounds.map((round: FullSpeedRound) => deliveredShares(round, leaves)[kind]))
  return {
    spansDelivered: worst('spans'),
    logRecordsDelivered: worst('logRecords'),
    linesDelivered: worst('lines'),
    observationsDelivered: worst('observations'),
  }
}

function latencies({ fixedRate }: Results): Figures {
  const p99 = (name: string) =>
    median(fixedRate.filter(({ variant }) => variant === name).map((round) => round.p99Millis))
  if (fixedRate.length === 0) return {}
  return {
    p99ToBareHono: p99(ours) / p99('bare-hono'),
    p99ToByTheDocs: p99(ours) / p99('by-the-docs'),
  }
}

function memory(results: Results): Figures {
  const loaded = (variant: string) =>
    median(roundsOf(results, { variant }).map((round) => round.loadedBytes))
  if (!isMeasured(results, { variant: ours })) return {}
  return {
    memoryToBareHono: loaded(ours) / loaded('bare-hono'),
    memoryToByTheDocs: loaded(ours) / loaded('by-the-docs'),
  }
}

function starts({ coldStarts }: Results): Figures {
  const millis = (name: string) =>
    byRound(
      coldStarts.filter(({ variant }) => variant === name),
      (round) => round.millis,
    )
  if (coldStarts.length === 0) return {}
  return {
    coldStartToBareNode: median(pairedRatios(millis(ours), millis('bare-node'))),
    coldStartToByTheDocs: median(pairedRatios(millis(ours), millis('by-the-docs'))),
  }
}

function stops({ fullSpeed }: Results): Figures {
  const slow = fullSpeed.filter(({ variant, receiver }) => variant === ours && receiver === 'slow')
  return slow.length === 0
    ? {}
    : { slowStopSeconds: Math.max(...slow.map((round) => round.stopSeconds)) }
}

function outage({ outages }: Results): Figures {
  const found = outages.find(({ variant }) => variant === ours)
  if (!found) return {}
  const { mostBytes, beforeBytes, spans, logRecords } = found
  return {
    outageGrowthMebibytes: (mostBytes - beforeBytes) / mebibyte,
    outageUnaccounted:
      Math.abs(spans?.unaccounted ?? Number.NaN) + Math.abs(logRecords?.unaccounted ?? Number.NaN),
  }
}
