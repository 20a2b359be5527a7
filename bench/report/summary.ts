import { median } from '../figures/median.ts'
import { pairedRatios } from '../figures/paired-ratios.ts'
import { byRound, roundsOf } from '../figures/rounds.ts'
import { spreadOf } from '../figures/spread.ts'
import type { Spread } from '../figures/spread.ts'
import { turnByTurn } from '../figures/turn-by-turn.ts'
import { deliveredShares, worstShare } from '../figures/delivered.ts'
import type { FullSpeedRound, Turn } from '../measures/full-speed.ts'
import type { ReceiverKind } from '../receivers/receiver.ts'
import type { Results } from '../results.ts'
import type { Counts } from '../servers/counts.ts'

/** The rounds of one variant under one load, with one receiver. */
export interface FullSpeedSummary {
  variant: string
  workload: string
  receiver: ReceiverKind
  perSecond: Spread
  /** Paired turn by turn with the same workload of bare-hono, which needs no receiver. */
  toBareHono: Spread
  toBareNode: Spread
  cpuMicros: Spread
  /** Above bare-hono, turn by turn. */
  addedCpuMicros: Spread
  p99Millis: Spread
  idleBytes: Spread
  loadedBytes: Spread
  stopSeconds: Spread
  /** The worst round's, void turns too. */
  delivered: Counts | undefined
  voidTurns: number
}

export interface FixedRateSummary {
  variant: string
  wantedPerSecond: number
  perSecond: Spread
  p50Millis: Spread
  p99Millis: Spread
  p999Millis: Spread
  cpuMicros: Spread
}

export interface ColdStartSummary {
  variant: string
  millis: Spread
  toBareNode: Spread
}

export interface Summary {
  fullSpeed: FullSpeedSummary[]
  fixedRate: FixedRateSummary[]
  coldStarts: ColdStartSummary[]
}

export function summaryOf(results: Results): Summary {
  return {
    fullSpeed: fullSpeedSummaries(results),
    fixedRate: fixedRateSummaries(results),
    coldStarts: coldStartSummaries(results),
  }
}

function fullSpeedSummaries(results: Results): FullSpeedSummary[] {
  const groups = Map.groupBy(results.fullSpeed, ({ variant, workload, receiver }) =>
    [variant, workload, receiver].join(' '),
  )
  return [...groups.values()].flatMap((rounds) => {
    const [first] = rounds
    return first ? [fullSpeedSummary(results, first, rounds)] : []
  })
}

function fullSpeedSummary(
  results: Results,
  { variant, workload, receiver }: FullSpeedRound,
  rounds: FullSpeedRound[],
): FullSpeedSummary {
  const spread = (figure: (turn: Turn) => number) => spreadOf(turnByTurn([rounds], figure))
  // The real collector takes so much of the second core that its rounds are apart.
  const neighbours = receiver === 'collector' ? receiver : 'own'
  const paired = (reference: string, figure: (own: Turn, other: Turn) => number) => {
    const others = roundsOf(results, { variant: reference, workload, receiver: neighbours })
    return spreadOf(turnByTurn([rounds, others], figure))
  }
  return {
    variant,
    workload,
    receiver,
    perSecond: spread(({ perSecond }) => perSecond),
    toBareHono: paired('bare-hono', (own, bare) => own.perSecond / bare.perSecond),
    toBareNode: paired('bare-node', (own, bare) => own.perSecond / bare.perSecond),
    cpuMicros: spread(({ cpuMicros }) => cpuMicros),
    addedCpuMicros: paired('bare-hono', (own, bare) => own.cpuMicros - bare.cpuMicros),
    p99Millis: spread(({ p99Millis }) => p99Millis),
    idleBytes: spreadOf(rounds.map(({ idleBytes }) => idleBytes)),
    loadedBytes: spreadOf(rounds.map(({ loadedBytes }) => loadedBytes)),
    stopSeconds: spreadOf(rounds.map(({ stopSeconds }) => stopSeconds)),
    delivered: worstDelivered(results, rounds),
    voidTurns: rounds.flatMap(({ turns }) => turns).filter(({ isVoid }) => isVoid).length,
  }
}

function worstDelivered(
  { leavings }: Results,
  rounds: readonly FullSpeedRound[],
): Counts | undefined {
  const [first] = rounds
  const leaves = leavings.find(
    ({ variant, workload }) => variant === first?.variant && workload === first.workload,
  )?.perRequest
  if (!leaves) return undefined
  const shares = rounds.map((round) => deliveredShares(round, leaves))
  const worst = (kind: keyof Counts) => worstShare(shares.map((share) => share[kind]))
  return {
    spans: worst('spans'),
    logRecords: worst('logRecords'),
    lines: worst('lines'),
    observations: worst('observations'),
  }
}

function fixedRateSummaries({ fixedRate }: Results): FixedRateSummary[] {
  return [...Map.groupBy(fixedRate, ({ variant }) => variant)].map(([variant, rounds]) => ({
    variant,
    wantedPerSecond: median(rounds.map(({ wantedPerSecond }) => wantedPerSecond)),
    perSecond: spreadOf(rounds.map(({ perSecond }) => perSecond)),
    p50Millis: spreadOf(rounds.map(({ p50Millis }) => p50Millis)),
    p99Millis: spreadOf(rounds.map(({ p99Millis }) => p99Millis)),
    p999Millis: spreadOf(rounds.map(({ p999Millis }) => p999Millis)),
    cpuMicros: spreadOf(rounds.map(({ cpuMicros }) => cpuMicros)),
  }))
}

function coldStartSummaries({ coldStarts }: Results): ColdStartSummary[] {
  const groups = Map.groupBy(coldStarts, ({ variant }) => variant)
  const bareNode = byRound(groups.get('bare-node') ?? [], ({ millis }) => millis)
  return [...groups].map(([variant, rounds]) => ({
    variant,
    millis: spreadOf(rounds.map(({ millis }) => millis)),
    toBareNode: spreadOf(
      pairedRatios(
        byRound(rounds, ({ millis }) => millis),
        bareNode,
      ),
    ),
  }))
}
