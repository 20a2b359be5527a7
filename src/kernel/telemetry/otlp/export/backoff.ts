const firstMillis = 500
const longestMillis = 5000

/** How long to wait before the next attempt: longer each time, and not the same in every process. */
export class Backoff {
  #millis = firstMillis

  next(): number {
    const millis = this.#millis * (0.8 + Math.random() * 0.4)
    this.#millis = Math.min(this.#millis * 1.5, longestMillis)
    return millis
  }

  reset(): void {
    this.#millis = firstMillis
  }
}
