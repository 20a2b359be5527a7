import { CONNECTIONS } from '../load/full-speed-load.ts'
import type { FullSpeedRound } from '../measures/full-speed.ts'
import type { Counts } from '../servers/counts.ts'

/** Of what the requests of a round should have left, the part that arrived: 1 each if nothing was lost or doubled. */
export function deliveredShares(
  {
    loads,
    asked,
    requests,
    counts,
  }: Pick<FullSpeedRound, 'loads' | 'asked' | 'requests' | 'counts'>,
  leaves: Counts,
): Counts {
  const share = (kind: keyof Counts) => counts[kind] / (requests * leaves[kind])
  // The generator stops after each turn, and sees no answer to what is under way then.
  const mostUnseen = loads * CONNECTIONS
  const isPlausible = requests >= asked && requests <= asked + mostUnseen
  return {
    spans: share('spans'),
    logRecords: share('logRecords'),
    lines: share('lines'),
    observations: isPlausible ? 1 : counts.observations / asked,
  }
}

/** The share that is furthest from 1. */
export function worstShare(shares: readonly number[]): number {
  return shares.reduce(
    (worst, share) => (Math.abs(share - 1) > Math.abs(worst - 1) ? share : worst),
    1,
  )
}
