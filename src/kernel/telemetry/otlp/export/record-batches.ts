import type { OutageReport } from '../../shared-outage.ts'
import type { SignalMetrics } from '../../telemetry-metrics.ts'
import { viewOf } from '../../view-of.ts'
import { BatchHead } from './batch-head.ts'
import { BatchSender } from './batch-sender.ts'
import type { BufferPool } from './buffer-pool.ts'
import { detached } from './detached.ts'
import { ExportBatch } from './export-batch.ts'
import type { Transport } from './transport.ts'

export interface RecordBatchesOptions {
  /** Encoded fields of ResourceSpans or ResourceLogs, tags included. */
  resourceBytes: Uint8Array
  /** Encoded fields of ScopeSpans or ScopeLogs that stand before the records, tags included. */
  scopeBytes: Uint8Array
  pool: BufferPool
  transport: Transport
  metrics: SignalMetrics
  outage: OutageReport
  /** A batch that holds so many is sent. */
  maxItems: number
  /** How long the first record of a batch waits for company. */
  delayMillis: number
  /** How long a batch may take from its first attempt, with all its retries. */
  timeoutMillis: number
  /** Besides the byte budget; default: that alone. */
  maxWaitingItems?: number | undefined
  /** Batches under way at once as long as they arrive; default: 32. */
  concurrency?: number
  /** Items that the collector refused of a batch that it took; they are counted already. */
  onRejected(count: number, reason: string): void
}

const noView: DataView = new DataView(new ArrayBuffer(0))

// What a length of four bytes can say.
const largestBatchBytes = 2 ** 28 - 1

/**
 * Where the encoded records of one signal go. `reserve`, write from `position` on, `commit`: with nothing in between,
 * for a record is never seen half written.
 */
export class RecordBatches {
  readonly #options: RecordBatchesOptions
  readonly #head: BatchHead
  readonly #sender: BatchSender
  readonly #metrics: SignalMetrics
  readonly #maxItems: number
  readonly #maxWaitingItems: number
  #open: ExportBatch | undefined
  // Not the batch's own: that may give its buffer away while it waits.
  #view = noView
  #timer: NodeJS.Timeout | undefined

  constructor(options: RecordBatchesOptions) {
    this.#options = options
    this.#metrics = options.metrics
    this.#metrics.addQueue(() => this.waiting)
    this.#maxWaitingItems = options.maxWaitingItems ?? Infinity
    this.#maxItems = Math.min(options.maxItems, this.#maxWaitingItems)
    this.#head = new BatchHead(options.resourceBytes, options.scopeBytes)
    this.#sender = new BatchSender({
      ...options,
      maxWaitingItems: this.#maxWaitingItems,
    })
  }

  /** Records that wait for their export. */
  get waiting(): number {
    return (this.#open?.count ?? 0) + this.#sender.waiting
  }

  /** Records that are neither delivered nor lost. */
  get unsent(): number {
    return this.waiting + this.#sender.underWay
  }

  /** Where the record begins that was reserved last. */
  get position(): number {
    return this.#open === undefined ? 0 : this.#open.end
  }

  /** The memory in which it is reserved. */
  get view(): DataView {
    return this.#view
  }

  /** Room for a record of at most so many bytes; undefined when there is none, and the record is counted as lost. */
  reserve(maxBytes: number): Buffer | undefined {
    const open = this.#open
    if (
      open !== undefined &&
      maxBytes <= open.room &&
      open.count + this.#sender.waiting < this.#maxWaitingItems
    ) {
      return open.buffer
    }
    return this.#reserveAnew(maxBytes)
  }

  /** `endPosition` is where the record ends that was written since `reserve`. */
  commit(endPosition: number): void {
    const open = this.#open
    if (open === undefined) throw new Error('Nothing was reserved to be committed.')
    open.end = endPosition
    open.count += 1
    this.#metrics.created()
    if (open.count >= this.#maxItems) this.#seal()
    else if (open.count === 1) this.#startTimer()
  }

  /** For a record that was encoded elsewhere. False when there was no room and it is counted as lost. */
  append(bytes: Uint8Array): boolean {
    const buffer = this.reserve(bytes.length)
    if (buffer === undefined) return false
    const { position } = this
    buffer.set(bytes, position)
    this.commit(position + bytes.length)
    return true
  }

  /** Sends all at once and resolves when everything is delivered or lost. Records may still come then. */
  flush(): Promise<void> {
    this.#seal()
    return this.#sender.flush()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#sender.close()
  }

  #reserveAnew(maxBytes: number): Buffer | undefined {
    if (this.waiting >= this.#maxWaitingItems) return this.#refuse()
    this.#seal()
    const { pool } = this.#options
    const bytes = Math.max(this.#head.length + maxBytes, pool.bufferBytes)
    const buffer = bytes <= largestBatchBytes ? pool.take(bytes) : undefined
    if (buffer === undefined) return this.#refuse()
    this.#open = new ExportBatch(buffer, this.#head)
    this.#view = viewOf(buffer)
    return buffer
  }

  #refuse(): undefined {
    const { metrics, outage } = this.#options
    outage.begin('the queue is full')
    metrics.created()
    metrics.dropped('queue_full', 1)
    outage.lost(1)
  }

  #seal(): void {
    const open = this.#open
    if (open === undefined) return
    clearTimeout(this.#timer)
    this.#open = undefined
    this.#view = noView
    if (open.count === 0) return this.#options.pool.giveBack(open.buffer)
    open.seal()
    this.#sender.enqueue(open)
  }

  #startTimer(): void {
    this.#timer = detached(() => setTimeout(() => this.#seal(), this.#options.delayMillis))
    this.#timer.unref()
  }
}
