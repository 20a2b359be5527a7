import type { Leavings } from './measures/check-variant.ts'
import type { ColdStartRound } from './measures/cold-start.ts'
import type { FixedRateRound } from './measures/fixed-rate.ts'
import type { FullSpeedRound } from './measures/full-speed.ts'
import type { Outage } from './measures/outage.ts'
import type { Surroundings } from './surroundings.ts'

/** All that a run measured, round by round. */
export interface Results {
  surroundings: Surroundings
  leavings: Leavings[]
  fullSpeed: FullSpeedRound[]
  fixedRate: FixedRateRound[]
  coldStarts: ColdStartRound[]
  outages: Outage[]
}

export function emptyResults(surroundings: Surroundings): Results {
  return { surroundings, leavings: [], fullSpeed: [], fixedRate: [], coldStarts: [], outages: [] }
}
