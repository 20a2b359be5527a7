/** How much memory telemetry may hold that has not left the process yet; both signals share it. */
export class ByteBudget {
  readonly #limitBytes: number
  readonly #whole: ByteBudget | undefined
  #usedBytes = 0

  constructor(limitBytes: number, whole?: ByteBudget) {
    this.#limitBytes = limitBytes
    this.#whole = whole
  }

  /** A budget within this one, for one of several: so that none takes all while the others still get rid of theirs. */
  share(part: number): ByteBudget {
    return new ByteBudget(Math.floor(this.#limitBytes * part), this)
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
    if (this.#whole && !this.#whole.take(bytes)) return false
    this.#usedBytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
    this.#whole?.giveBack(bytes)
  }
}
