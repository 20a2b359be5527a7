/** How much memory telemetry may hold that has not left the process yet; both signals share it. */
export class ByteBudget {
  readonly #limitBytes: number
  #usedBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** A full budget is over only when it is well below its limit, or it would begin again at once. */
  get relaxed(): boolean {
    return this.#usedBytes <= this.#limitBytes / 2
  }

  /** Whether there was room for so many more. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#limitBytes) return false
    this.#usedBytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
  }
}
