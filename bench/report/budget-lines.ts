import type { Verdict } from '../budget/budget.ts'
import type { Results } from '../results.ts'

/** The verdicts for a terminal, and what else the reader should know. */
export function budgetLines(verdicts: readonly Verdict[], { fullSpeed }: Results): string[] {
  const widest = Math.max(...verdicts.map(({ title }) => title.length))
  const voids = fullSpeed.flatMap(({ turns, ...round }) =>
    turns.filter(({ isVoid }) => isVoid).map(({ busy }) => ({ ...round, busy })),
  )
  return [
    '',
    ...verdicts.map((verdict) =>
      [
        verdict.title.padEnd(widest),
        valueText(verdict).padStart(8),
        limitText(verdict).padStart(8),
        verdict.state,
      ].join('  '),
    ),
    ...(voids.length > 0
      ? ['', `${voids.length} turns are void, since the server's core was not busy:`]
      : []),
    ...voids.map(
      ({ variant, workload, receiver, round, busy }) =>
        `  ${variant}, ${workload}, receiver ${receiver}, round ${round}: ${(busy * 100).toFixed(0)} %`,
    ),
  ]
}

export function valueText({ value }: Verdict): string {
  if (value === undefined) return ''
  if (Number.isNaN(value)) return 'void'
  return Number.isInteger(value) ? String(value) : value.toFixed(3)
}

export function limitText({ atLeast, atMost }: Verdict): string {
  if (atLeast !== undefined && atLeast === atMost) return `= ${atLeast}`
  return atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
}
