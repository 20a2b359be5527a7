import type { MockTracker } from 'node:test'

const firstEpochMillis = Date.UTC(2026, 10, 21, 12)
const firstUptimeMillis = 100_000

/**
 * Stands in for the clocks of the process, `Date.now()` and `performance.now()`, which then go only when they are told
 * to. With whole numbers of 1/4096 ms no sum of theirs is rounded.
 */
export class FixedClock implements Disposable {
  readonly #restore: () => void
  #sinceStart = 0

  constructor(mock: MockTracker) {
    const dates = mock.method(Date, 'now', () => Math.floor(this.epochMillis)).mock
    const uptimes = mock.method(performance, 'now', () => this.uptimeMillis).mock
    this.#restore = () => {
      dates.restore()
      uptimes.restore()
    }
  }

  get epochMillis(): number {
    return firstEpochMillis + this.#sinceStart
  }

  get uptimeMillis(): number {
    return firstUptimeMillis + this.#sinceStart
  }

  advance(millis: number): void {
    this.#sinceStart += millis
  }

  [Symbol.dispose](): void {
    this.#restore()
  }

  /** Back to the beginning, for the second run of the same. */
  reset(): void {
    this.#sinceStart = 0
  }
}
