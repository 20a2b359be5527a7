import type { Outage } from './outage.ts'

/** What those who send tell of it; an Outage, or a part of one. */
export type OutageReport = Pick<Outage, 'begin' | 'lost' | 'end'>

/** One outage of a signal that leaves by several ways: it begins with the first that fails and ends with the last. */
export class SharedOutage {
  readonly #outage: OutageReport
  #failing = 0

  constructor(outage: OutageReport) {
    this.#outage = outage
  }

  /** For one of the ways. */
  part(): OutageReport {
    let isFailing = false
    return {
      begin: (reason) => {
        if (!isFailing) this.#failing += 1
        isFailing = true
        this.#outage.begin(reason)
      },
      lost: (count) => this.#outage.lost(count),
      end: () => {
        if (!isFailing) return
        isFailing = false
        this.#failing -= 1
        if (this.#failing === 0) this.#outage.end()
      },
    }
  }
}
