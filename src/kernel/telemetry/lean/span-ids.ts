import { digitsOf, writeDigits } from './hex-digits.ts'

/** How many bytes the ids of a span have: sixteen are its trace's. */
export const spanIdsBytes = 24

/** The ids of one span: as text, and in numbers of 32 bits, from which they are written without reading text. */
export class SpanIds {
  readonly traceId: string
  readonly #isMade: boolean
  readonly #trace0: number
  readonly #trace1: number
  readonly #trace2: number
  readonly #trace3: number
  readonly #span0: number
  readonly #span1: number

  /** Of the bytes from `at` on; `traceId` is the text of their trace's id, which may be in capitals if it is `given`. */
  constructor(bytes: DataView, at: number, traceId: string, given: boolean) {
    this.traceId = traceId
    this.#isMade = !given
    this.#trace0 = bytes.getInt32(at)
    this.#trace1 = bytes.getInt32(at + 4)
    this.#trace2 = bytes.getInt32(at + 8)
    this.#trace3 = bytes.getInt32(at + 12)
    this.#span0 = bytes.getInt32(at + 16)
    this.#span1 = bytes.getInt32(at + 20)
  }

  get spanId(): string {
    return `${digitsOf(this.#span0)}${digitsOf(this.#span1)}`
  }

  /** Whether its digits are those that `writeDigits` writes. */
  get hasSmallLetters(): boolean {
    return this.#isMade || !/[A-F]/.test(this.traceId)
  }

  /** Sixteen bytes and eight. */
  writeBytes(target: DataView, traceAt: number, spanAt: number): void {
    target.setInt32(traceAt, this.#trace0)
    target.setInt32(traceAt + 4, this.#trace1)
    target.setInt32(traceAt + 8, this.#trace2)
    target.setInt32(traceAt + 12, this.#trace3)
    target.setInt32(spanAt, this.#span0)
    target.setInt32(spanAt + 4, this.#span1)
  }

  /** Thirty-two digits and sixteen, in small letters. */
  writeDigits(target: DataView, traceAt: number, spanAt: number): void {
    writeDigits(target, traceAt, this.#trace0)
    writeDigits(target, traceAt + 8, this.#trace1)
    writeDigits(target, traceAt + 16, this.#trace2)
    writeDigits(target, traceAt + 24, this.#trace3)
    writeDigits(target, spanAt, this.#span0)
    writeDigits(target, spanAt + 8, this.#span1)
  }
}
