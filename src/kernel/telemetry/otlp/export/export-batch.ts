import type { BatchHead } from './batch-head.ts'

/** One export request in a reused buffer: under construction until it is sealed, then on its way. */
export class ExportBatch {
  readonly #head: BatchHead
  buffer: Buffer
  /** Where the next record goes. */
  end: number
  /** Records so far. */
  count = 0
  /** Of `performance.now()`; since then it is under way, or waits for its next attempt. */
  firstAttemptAt: number | undefined
  /** Its place among the batches of its signal. */
  sequence = 0

  constructor(buffer: Buffer, head: BatchHead) {
    this.buffer = buffer
    this.#head = head
    this.end = head.length
    head.writeTo(buffer)
  }

  /** Bytes that are left for further records. */
  get room(): number {
    return this.buffer.length - this.end
  }

  /** The message with the transport's head room before it. */
  get framed(): Buffer {
    return this.buffer.subarray(0, this.end)
  }

  /** Once, after the last record. */
  seal(): void {
    this.#head.writeLengths(this.buffer, this.end)
  }
}
