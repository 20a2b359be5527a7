import type { Spread } from '../figures/spread.ts'

const NOTHING = '–'

/** A whole number in groups of three; en dash where nothing was measured. */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}

export function decimals(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : NOTHING
}

/** `0.81 (0.79 to 0.83)`. */
export function withSpread({ median, least, most, rounds }: Spread, digits = 2): string {
  if (rounds === 0) return NOTHING
  if (rounds === 1) return decimals(median, digits)
  return `${decimals(median, digits)} (${decimals(least, digits)} to ${decimals(most, digits)})`
}

export function mebibytes(bytes: number): string {
  return whole(bytes / 1024 ** 2)
}

/** Of what is 1.000 if nothing was lost; never rounded to it. */
export function share(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NOTHING
  const text = value.toFixed(3)
  return text === '1.000' && value !== 1 ? (value < 1 ? '0.999…' : '1.000…') : text
}

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${head.map((_, index) => (index === 0 ? '---' : '--:')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
