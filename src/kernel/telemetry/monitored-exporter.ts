import { setTimeout as sleep } from 'node:timers/promises'

import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'

import { toError } from '../errors.ts'
import type { ExportQueue } from './export-queue.ts'
import type { OutageReport } from './shared-outage.ts'
import type { SignalMetrics } from './telemetry-metrics.ts'

/** What a span exporter and a log record exporter have in common. */
export interface Exporter<item> {
  export(items: item[], done: (result: ExportResult) => void): void
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

export interface MonitoredExporterOptions<item> {
  exporter: Exporter<item>
  queue: ExportQueue
  metrics: SignalMetrics
  outage: OutageReport
  /** How long a batch may take, with all its retries. */
  timeoutMillis: number
}

const firstBackoffMillis = 500
const longestBackoffMillis = 5000

/**
 * Counts what becomes of each batch, says once that exports fail, and tries again what OTLP calls retryable: the gRPC
 * exporter gives up at the first refused connection.
 */
export class MonitoredExporter<item> implements Exporter<item> {
  readonly #options: MonitoredExporterOptions<item>
  #pending = 0

  constructor(options: MonitoredExporterOptions<item>) {
    this.#options = options
  }

  /** Items whose export is under way. */
  get pending(): number {
    return this.#pending
  }

  export(items: item[], done: (result: ExportResult) => void): void {
    this.#options.queue.leave(items.length)
    this.#pending += items.length
    void this.#exportCounted(items).then((result) => {
      this.#pending -= items.length
      done(result)
    })
  }

  forceFlush(): Promise<void> {
    return this.#options.exporter.forceFlush?.() ?? Promise.resolve()
  }

  shutdown(): Promise<void> {
    return this.#options.exporter.shutdown()
  }

  async #exportCounted(items: item[]): Promise<ExportResult> {
    const { queue, metrics, outage } = this.#options
    const started = performance.now()
    const result = await this.#exportWithRetries(items, started + this.#options.timeoutMillis)
    metrics.observeExport((performance.now() - started) / 1000)

    if (result.code === ExportResultCode.SUCCESS) {
      metrics.exported(items.length)
      if (queue.relaxed) outage.end()
    } else {
      queue.lose('export_failed', items.length)
    }
    return result
  }

  async #exportWithRetries(items: item[], deadline: number): Promise<ExportResult> {
    let backoffMillis = firstBackoffMillis
    for (;;) {
      const result = await this.#attempt(items)
      if (result.code === ExportResultCode.SUCCESS) return result
      this.#options.outage.begin(result.error?.message ?? 'the export failed')

      const waitMillis = backoffMillis * (0.8 + Math.random() * 0.4)
      if (!isRetryable(result.error) || performance.now() + waitMillis > deadline) return result
      await sleep(waitMillis, undefined, { ref: false })
      backoffMillis = Math.min(backoffMillis * 1.5, longestBackoffMillis)
    }
  }

  async #attempt(items: item[]): Promise<ExportResult> {
    try {
      return await new Promise((resolve) => this.#options.exporter.export(items, resolve))
    } catch (error) {
      return { code: ExportResultCode.FAILED, error: toError(error) }
    }
  }
}

// gRPC status codes: cancelled, deadline exceeded, aborted, out of range, unavailable, data loss.
// https://opentelemetry.io/docs/specs/otlp/#failures
const retryableCodes = new Set([1, 4, 10, 11, 14, 15])

/** The http/protobuf exporter retries by itself; its errors carry HTTP status codes, none of which is in the set. */
function isRetryable(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && retryableCodes.has(Number(error.code))
}
