import { randomFillSync } from 'node:crypto'

const traceIdBytes = 16
const spanIdBytes = 8
// A call to the random generator costs as much as a request: some thousand ids share one.
const poolBytes = 64 * 1024

/** Ids as hex, from a generator that cannot be foreseen. */
export class RandomIds {
  readonly #random = Buffer.alloc(poolBytes)
  #next = poolBytes

  /** Those of a root span, for the price of one. */
  rootSpan(): { traceId: string; spanId: string } {
    const both = this.#take(traceIdBytes + spanIdBytes)
    return { traceId: both.slice(0, 2 * traceIdBytes), spanId: both.slice(2 * traceIdBytes) }
  }

  spanId(): string {
    return this.#take(spanIdBytes)
  }

  #take(bytes: number): string {
    if (this.#next + bytes > poolBytes) {
      randomFillSync(this.#random)
      this.#next = 0
    }
    const start = this.#next
    this.#next += bytes
    return this.#random.toString('hex', start, this.#next)
  }
}
