import { randomFillSync } from 'node:crypto'

import { IdBlock, idsBytes, SpanIds, spanIdBytes } from './span-ids.ts'

// A call to the random generator costs as much as a request: some hundred spans share one.
const poolBytes = 512 * idsBytes
// A request that stays (a stream, say) holds its block: some, not many.
const blockBytes = 16 * idsBytes

/** Ids from a generator that cannot be foreseen. */
export class RandomIds {
  readonly #random = Buffer.alloc(poolBytes)
  #used = poolBytes
  #block: IdBlock | undefined
  #next = 0

  root(): SpanIds {
    if (this.#block === undefined || this.#next === blockBytes) {
      this.#block = new IdBlock(this.#take(blockBytes))
      this.#next = 0
    }
    const start = this.#next
    this.#next += idsBytes
    return new SpanIds(this.#block, start)
  }

  /** In a trace that exists already, whose id is 32 hex digits. */
  within(traceId: string): SpanIds {
    const spanId = this.#take(spanIdBytes)
    const bytes = Buffer.concat([Buffer.from(traceId, 'hex'), spanId])
    return new SpanIds(new IdBlock(bytes, traceId + spanId.toString('hex')), 0)
  }

  /** A view, good until the next one is taken. */
  #take(bytes: number): Buffer {
    if (this.#used + bytes > poolBytes) {
      randomFillSync(this.#random)
      this.#used = 0
    }
    const start = this.#used
    this.#used += bytes
    return this.#random.subarray(start, this.#used)
  }
}
