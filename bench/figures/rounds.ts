import type { FullSpeedRound } from '../measures/full-speed.ts'
import type { ReceiverKind } from '../receivers/receiver.ts'
import type { Results } from '../results.ts'

export interface Selection {
  variant: string
  workload?: string
  receiver?: ReceiverKind
}

export function roundsOf(
  { fullSpeed }: Pick<Results, 'fullSpeed'>,
  { variant, workload = 'root', receiver = 'own' }: Selection,
): FullSpeedRound[] {
  return fullSpeed.filter(
    (round) =>
      round.variant === variant && round.workload === workload && round.receiver === receiver,
  )
}

/** One figure of each round, by the number of the round, to be paired with another variant's. */
export function byRound<round extends { round: number }>(
  rounds: readonly round[],
  figure: (round: round) => number,
): Map<number, number> {
  return new Map(rounds.map((each) => [each.round, figure(each)]))
}
