import type { OutageReport } from './shared-outage.ts'
import type { SignalMetrics } from './telemetry-metrics.ts'

/**
 * Keeps count of what waits in the SDK's batch processor, which tells nobody how long its queue is and drops without a
 * word. It stands before the processor (`admit`) and behind it (`leave`) and refuses at the same limit, so that the
 * processor itself never has to.
 */
export class ExportQueue {
  readonly #limit: number
  readonly #metrics: SignalMetrics
  readonly #outage: OutageReport
  #length = 0

  constructor(limit: number, metrics: SignalMetrics, outage: OutageReport) {
    this.#limit = limit
    this.#metrics = metrics
    this.#outage = outage
    metrics.addQueue(() => this.#length)
  }

  get length(): number {
    return this.#length
  }

  /** Whether there is room for one more; if not, it is counted as lost. */
  admit(): boolean {
    this.#metrics.created()
    if (this.#length >= this.#limit) {
      this.#outage.begin('the queue is full')
      this.lose('queue_full', 1)
      return false
    }
    this.#length += 1
    return true
  }

  leave(count: number): void {
    this.#length -= count
  }

  lose(reason: 'queue_full' | 'export_failed', count: number): void {
    this.#metrics.dropped(reason, count)
    this.#outage.lost(count)
  }

  /** A full queue is over only when it is well below its limit, or it would begin again at once. */
  get relaxed(): boolean {
    return this.#length <= this.#limit / 2
  }
}
