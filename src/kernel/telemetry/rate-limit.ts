/** Lets `limit` events through in each window, and says with the next one how many it held back. */
export class RateLimit {
  readonly #limit: number
  readonly #windowMillis: number
  #windowEnds = 0
  #admitted = 0
  #suppressed = 0

  constructor(limit: number, windowSeconds: number) {
    this.#limit = limit
    this.#windowMillis = windowSeconds * 1000
  }

  /** The number of events held back since the last one that passed, or undefined if this one is held back too. */
  admit(): number | undefined {
    const now = performance.now()
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + this.#windowMillis
      this.#admitted = 0
    }
    if (this.#admitted >= this.#limit) {
      this.#suppressed += 1
      return undefined
    }
    this.#admitted += 1
    const suppressed = this.#suppressed
    this.#suppressed = 0
    return suppressed
  }
}
