import { median } from './median.ts'

/** What several rounds of one measure gave. */
export interface Spread {
  median: number
  least: number
  most: number
  rounds: number
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    least: values.length > 0 ? Math.min(...values) : Number.NaN,
    most: values.length > 0 ? Math.max(...values) : Number.NaN,
    rounds: values.length,
  }
}
