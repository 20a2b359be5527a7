import type { Histogram } from 'prom-client'

/** What prom-client keeps for one series: private, so its shape is checked before it is used. */
interface Cell {
  labels: Record<string, string>
  bucketValues: Record<string, number>
  sum: number
  count: number
}

/**
 * A function that observes values of one series without an exemplar. The first goes by prom-client's public `observe`,
 * which looks the series up by its labels each time (1.7 µs); the next ones go straight to where that one went. What is
 * not as it is known to be (another version of the library, a series that was removed, one above its metric's maximum)
 * goes the public way again. histogram-cell.test.ts fails when the library changes.
 */
export function observeInCell<label extends string>(
  histogram: Histogram<label>,
  labels: Partial<Record<label, string>>,
): (value: number) => void {
  const inside = histogram as unknown as {
    hashMap?: Record<string, unknown>
    upperBounds?: unknown
  }
  let key: string | undefined
  let buckets: Bucket[] = []
  let isSought = false

  return function observe(value) {
    const cell = key === undefined ? undefined : inside.hashMap?.[key]
    if (cell !== undefined && Number.isFinite(value)) {
      add(cell as Cell, buckets, value)
      return
    }
    histogram.observe({ labels, value } as Parameters<typeof histogram.observe>[0] & object)
    if (isSought) return
    isSought = true
    key = keyOfCell(inside, labels)
    buckets = bucketsOf(inside.upperBounds)
  }
}

interface Bucket {
  bound: number
  /** The bound as the key of an object: to make it anew for each value would take longer than all the rest. */
  key: string
}

function bucketsOf(upperBounds: unknown): Bucket[] {
  return isNumbers(upperBounds) ? upperBounds.map((bound) => ({ bound, key: String(bound) })) : []
}

function add(cell: Cell, buckets: Bucket[], value: number): void {
  cell.sum += value
  cell.count += 1
  for (const { bound, key } of buckets) {
    if (value > bound) continue
    cell.bucketValues[key]! += 1
    return
  }
}

function keyOfCell(
  { hashMap, upperBounds }: { hashMap?: Record<string, unknown>; upperBounds?: unknown },
  labels: Record<string, unknown>,
): string | undefined {
  if (!isNumbers(upperBounds)) return undefined
  return Object.entries(hashMap ?? {}).find(
    ([, cell]) => isCell(cell) && isLabelled(cell, labels) && isOf(cell, upperBounds),
  )?.[0]
}

function isLabelled(cell: Cell, labels: Record<string, unknown>): boolean {
  return Object.entries(labels).every(([name, value]) => cell.labels[name] === value)
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

function isCell(value: unknown): value is Cell {
  if (typeof value !== 'object' || value === null) return false
  const { labels, bucketValues, sum, count } = value as Partial<Cell>
  return (
    typeof labels === 'object' &&
    typeof bucketValues === 'object' &&
    typeof sum === 'number' &&
    typeof count === 'number'
  )
}

function isOf({ bucketValues }: Cell, bounds: number[]): boolean {
  return bounds.every((bound) => typeof bucketValues[bound] === 'number')
}
