import type { Context } from '@opentelemetry/api'
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs'

import type { ExportQueue } from './export-queue.ts'

/** Passes log records on to a batch processor as long as the queue has room, and counts them. */
export class QueuedLogRecordProcessor implements LogRecordProcessor {
  readonly #queue: ExportQueue
  readonly #processor: LogRecordProcessor

  constructor(queue: ExportQueue, processor: LogRecordProcessor) {
    this.#queue = queue
    this.#processor = processor
  }

  onEmit(record: ReadWriteLogRecord, context?: Context): void {
    if (this.#queue.admit()) this.#processor.onEmit(record, context)
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown()
  }
}
