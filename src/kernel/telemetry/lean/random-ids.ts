import { randomFillSync } from 'node:crypto'

/** Those of one span, in lower-case hex. */
export interface SpanIds {
  traceId: string
  spanId: string
}

const traceIdBytes = 16
const spanIdBytes = 8
const idsBytes = traceIdBytes + spanIdBytes
// A call to the random generator costs as much as a request: some hundred spans share one.
const poolBytes = 512 * idsBytes
// Text is made for some spans at once, since each call that makes some costs as much as ten ids. A request that stays
// (a stream, say) holds all of that text: some, not many.
const idsInText = 16

/** Ids from a generator that cannot be foreseen. */
export class RandomIds {
  readonly #random = Buffer.alloc(poolBytes)
  #used = poolBytes
  #text = ''
  #nextDigit = 0

  root(): SpanIds {
    if (this.#nextDigit === this.#text.length) {
      this.#text = this.#take(idsInText * idsBytes)
      this.#nextDigit = 0
    }
    const traceEnd = this.#nextDigit + 2 * traceIdBytes
    const spanEnd = traceEnd + 2 * spanIdBytes
    const traceId = this.#text.slice(this.#nextDigit, traceEnd)
    this.#nextDigit = spanEnd
    return { traceId, spanId: this.#text.slice(traceEnd, spanEnd) }
  }

  /** In a trace that exists already, whose id is 32 hex digits. */
  within(traceId: string): SpanIds {
    return { traceId, spanId: this.#take(spanIdBytes) }
  }

  #take(bytes: number): string {
    if (this.#used + bytes > poolBytes) {
      randomFillSync(this.#random)
      this.#used = 0
    }
    const start = this.#used
    this.#used += bytes
    return this.#random.toString('hex', start, this.#used)
  }
}
