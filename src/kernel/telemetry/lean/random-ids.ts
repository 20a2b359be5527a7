import { randomFillSync } from 'node:crypto'

import { writeHexId } from '../otlp/encoding/hex-id.ts'
import { viewOf } from '../view-of.ts'
import { writeDigits } from './hex-digits.ts'
import { SpanIds, spanIdsBytes } from './span-ids.ts'

const traceIdBytes = 16
const traceIdDigits = 2 * traceIdBytes
// A call to the random generator costs as much as a request: some hundred spans share one.
const poolBytes = 512 * spanIdsBytes
// The text of trace ids is made for some at once, since each string that is made of bytes costs as much as ten ids. A
// request that stays (a stream, say) holds all of it: some, not many.
const blockSpans = 16
const blockBytes = blockSpans * spanIdsBytes

/** Ids from a generator that cannot be foreseen. */
export class RandomIds {
  readonly #random = Buffer.alloc(poolBytes)
  readonly #view = viewOf(this.#random)
  #used = poolBytes
  readonly #block = Buffer.alloc(blockSpans * traceIdDigits)
  readonly #blockView = viewOf(this.#block)
  #digits = ''

  root(): SpanIds {
    const at = this.#next()
    const digit = ((at % blockBytes) / spanIdsBytes) * traceIdDigits
    return new SpanIds(this.#view, at, this.#digits.slice(digit, digit + traceIdDigits), false)
  }

  /** In a trace that exists already, whose id is 32 hex digits. */
  within(traceId: string): SpanIds {
    const at = this.#next()
    writeHexId(this.#random, at, traceId)
    return new SpanIds(this.#view, at, traceId, true)
  }

  /** Where the random bytes of a span are. */
  #next(): number {
    if (this.#used === poolBytes) {
      randomFillSync(this.#random)
      this.#used = 0
    }
    const at = this.#used
    if (at % blockBytes === 0) this.#makeDigits(at)
    this.#used += spanIdsBytes
    return at
  }

  /** Of the trace ids that are next. */
  #makeDigits(start: number): void {
    for (let span = 0; span < blockSpans; span += 1) {
      const from = start + span * spanIdsBytes
      const to = span * traceIdDigits
      for (let byte = 0; byte < traceIdBytes; byte += 4) {
        writeDigits(this.#blockView, to + 2 * byte, this.#view.getInt32(from + byte))
      }
    }
    this.#digits = this.#block.toString('latin1')
  }
}
