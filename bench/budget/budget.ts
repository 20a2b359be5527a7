import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Figures } from '../figures/figures-of.ts'

export interface Limit {
  /** One of `figuresOf`. */
  figure: string
  title: string
  atLeast?: number
  atMost?: number
  /** Where we want to be; nothing breaks for it. */
  aim?: string
}

export interface Verdict extends Limit {
  value: number | undefined
  state: 'ok' | 'BROKEN' | 'not measured'
}

export interface Budget {
  full: Limit[]
  /** For machines that others use too: wider. */
  quick: Limit[]
  /** Share of its core that a server must use in a quick round. */
  quickLeastBusy: number
}

export function readBudget(): Budget {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'budget.json'), 'utf8')) as Budget
}

export function judge(limits: readonly Limit[], figures: Figures): Verdict[] {
  return limits.map((limit) => {
    const value = figures[limit.figure]
    return { ...limit, value, state: value === undefined ? 'not measured' : stateOf(value, limit) }
  })
}

/** NaN, of a measure without a round that counts, keeps nothing. */
function stateOf(value: number, { atLeast, atMost }: Limit): 'ok' | 'BROKEN' {
  const isKept =
    (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
  return isKept && !Number.isNaN(value) ? 'ok' : 'BROKEN'
}
