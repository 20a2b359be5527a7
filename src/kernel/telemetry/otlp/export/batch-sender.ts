import { diag } from '@opentelemetry/api'

import { toError } from '../../../errors.ts'
import type { OutageReport } from '../../shared-outage.ts'
import type { SignalMetrics } from '../../telemetry-metrics.ts'
import { Backoff } from './backoff.ts'
import type { BufferPool } from './buffer-pool.ts'
import { detached } from './detached.ts'
import type { ExportBatch } from './export-batch.ts'
import type { Delivery, Transport } from './transport.ts'

export interface BatchSenderOptions {
  transport: Transport
  /** Gets the buffers back. */
  pool: BufferPool
  metrics: SignalMetrics
  outage: OutageReport
  /** How long a batch may take from its first attempt, with all its retries. */
  timeoutMillis: number
  /** Items beyond which nothing more is accepted; the sender only wants to know when that is over. */
  maxWaitingItems?: number
  /** Batches under way at once as long as they arrive. */
  concurrency?: number
  /** Items that the collector refused of a batch that it took; they are counted already. */
  onRejected(count: number, reason: string): void
}

// Nobody means an hour, and a timer takes no more than 24 days.
const longestDelayMillis = 300_000

/**
 * Brings sealed batches to the collector: many at once while that works, and one by one with growing pauses while it
 * does not. Every item is delivered or counted as lost.
 */
export class BatchSender {
  readonly #options: BatchSenderOptions
  readonly #concurrency: number
  readonly #backoff = new Backoff()
  readonly #waiting: ExportBatch[] = []
  #waitingItems = 0
  #batchesUnderWay = 0
  #itemsUnderWay = 0
  #healthy = true
  #pause: { until: number; timer: NodeJS.Timeout } | undefined
  #idle: PromiseWithResolvers<void> | undefined
  #lastSequence = 0

  constructor(options: BatchSenderOptions) {
    this.#options = options
    this.#concurrency = options.concurrency ?? 32
  }

  /** Items whose next attempt is not made yet. */
  get waiting(): number {
    return this.#waitingItems
  }

  /** Items whose export is under way. */
  get underWay(): number {
    return this.#itemsUnderWay
  }

  /** Takes a sealed batch; its buffer goes back to the pool by itself. */
  enqueue(batch: ExportBatch): void {
    this.#lastSequence += 1
    batch.sequence = this.#lastSequence
    if (this.#isFree) this.#start(batch)
    else this.#keep(batch)
  }

  /** Sends all at once, whatever was being waited for, and resolves when everything is delivered or lost. */
  flush(): Promise<void> {
    this.#endPause()
    const batches = this.#waiting.splice(0)
    this.#waitingItems = 0
    for (const batch of batches) this.#start(batch)
    if (this.#batchesUnderWay === 0) return Promise.resolve()
    this.#idle ??= Promise.withResolvers()
    return this.#idle.promise
  }

  close(): void {
    this.#endPause()
    this.#options.transport.close()
  }

  get #isFree(): boolean {
    const limit = this.#healthy ? this.#concurrency : 1
    return this.#pause === undefined && this.#batchesUnderWay < limit
  }

  #start(batch: ExportBatch): void {
    batch.firstAttemptAt ??= performance.now()
    this.#batchesUnderWay += 1
    this.#itemsUnderWay += batch.count
    void detached(() => this.#attempt(batch)).then((delivery) => {
      this.#batchesUnderWay -= 1
      this.#itemsUnderWay -= batch.count
      if (delivery.lingers) batch.buffer = Buffer.from(batch.buffer)
      this.#settle(batch, delivery)
      this.#startWaiting()
    })
  }

  async #attempt(batch: ExportBatch): Promise<Delivery> {
    try {
      return await this.#options.transport.send(batch.framed)
    } catch (error) {
      return { kind: 'refused', reason: toError(error).message }
    }
  }

  #settle(batch: ExportBatch, delivery: Delivery): void {
    if (delivery.kind === 'delivered') return this.#delivered(batch, delivery)
    this.#options.outage.begin(delivery.reason)
    if (delivery.kind === 'refused') return this.#lose(batch)

    this.#healthy = false
    this.#pauseFor(delivery.afterMillis)
    if (this.#pauseEnd > deadlineOf(batch, this.#options)) this.#lose(batch)
    else this.#keep(batch)
  }

  #delivered(batch: ExportBatch, delivery: Delivery & { kind: 'delivered' }): void {
    const { metrics, outage } = this.#options
    const rejected = Math.min(Math.max(delivery.rejected, 0), batch.count)
    metrics.exported(batch.count - rejected)
    if (rejected > 0) {
      metrics.dropped('rejected', rejected)
      this.#options.onRejected(rejected, delivery.reason)
    } else if (delivery.reason !== '') {
      diag.warn(`the collector took everything, but says: ${delivery.reason}`)
    }
    this.#release(batch)
    this.#healthy = true
    this.#backoff.reset()
    // What is refused and taken by turns has not recovered yet.
    if (this.#pause === undefined && this.#isRelaxed) outage.end()
  }

  get #isRelaxed(): boolean {
    const { pool, maxWaitingItems = Infinity } = this.#options
    return pool.budget.relaxed && this.#waitingItems <= maxWaitingItems / 2
  }

  #lose(batch: ExportBatch): void {
    this.#options.metrics.dropped('export_failed', batch.count)
    this.#options.outage.lost(batch.count)
    this.#release(batch)
  }

  #release(batch: ExportBatch): void {
    const { metrics, pool } = this.#options
    const now = performance.now()
    metrics.observeExport((now - (batch.firstAttemptAt ?? now)) / 1000)
    pool.giveBack(batch.buffer)
  }

  /** In the order in which they were made, also those that come back. */
  #keep(batch: ExportBatch): void {
    this.#shrink(batch)
    const next = this.#waiting.findIndex(({ sequence }) => sequence > batch.sequence)
    this.#waiting.splice(next < 0 ? this.#waiting.length : next, 0, batch)
    this.#waitingItems += batch.count
  }

  /** A batch that has to wait and is not half full would take room from those that come after it. */
  #shrink(batch: ExportBatch): void {
    const { pool } = this.#options
    if (batch.end <= batch.buffer.length / 2) batch.buffer = pool.shrink(batch.buffer, batch.end)
  }

  #startWaiting(): void {
    const now = performance.now()
    while (this.#isFree) {
      const batch = this.#waiting.shift()
      if (batch === undefined) break
      this.#waitingItems -= batch.count
      if (now >= deadlineOf(batch, this.#options)) this.#lose(batch)
      else this.#start(batch)
    }
    this.#tellIdle()
  }

  #tellIdle(): void {
    if (this.#batchesUnderWay > 0 || this.#waiting.length > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }

  get #pauseEnd(): number {
    return this.#pause?.until ?? 0
  }

  /** A failure during the pause of another one does not prolong it, unless the collector asks for that. */
  #pauseFor(afterMillis = 0): void {
    if (afterMillis <= 0 && this.#pause !== undefined) return
    const millis =
      afterMillis > 0 ? Math.min(afterMillis, longestDelayMillis) : this.#backoff.next()
    const until = performance.now() + millis
    if (until <= this.#pauseEnd) return

    clearTimeout(this.#pause?.timer)
    const timer = detached(() => setTimeout(() => this.#resume(), millis))
    timer.unref()
    this.#pause = { until, timer }
  }

  #resume(): void {
    this.#endPause()
    this.#startWaiting()
  }

  #endPause(): void {
    clearTimeout(this.#pause?.timer)
    this.#pause = undefined
  }
}

function deadlineOf(batch: ExportBatch, { timeoutMillis }: BatchSenderOptions): number {
  return batch.firstAttemptAt === undefined ? Infinity : batch.firstAttemptAt + timeoutMillis
}
