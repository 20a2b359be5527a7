import type { FullSpeedRound, Turn } from '../measures/full-speed.ts'
import { median } from './median.ts'

/**
 * Of each round, the median of a figure of its turns; of several variants, each turn's together with those of the others
 * that were measured right before and after it. A turn that was void for one of them says nothing, nor does a round without
 * any other, or one that somebody lacks.
 */
export function turnByTurn(
  variants: readonly (readonly FullSpeedRound[])[],
  figure: (...turns: Turn[]) => number,
): number[] {
  const [first = [], ...others] = variants
  return first.flatMap((own) => {
    const rounds = [own, ...others.map((rounds) => rounds.find(({ round }) => round === own.round))]
    const value = median(
      own.turns.flatMap((_, index) => {
        const turns = rounds.map((round) => round?.turns[index])
        return turns.every(counts) ? [figure(...turns)] : []
      }),
    )
    return Number.isNaN(value) ? [] : [value]
  })
}

function counts(turn: Turn | undefined): turn is Turn {
  return turn !== undefined && !turn.isVoid
}
