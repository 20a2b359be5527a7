import { SeverityNumber } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import type {
  LogRecordProcessor,
  ReadableLogRecord,
  ReadWriteLogRecord,
} from '@opentelemetry/sdk-logs'

import { writeLogRecord } from '../otlp/encoding/log-record.ts'
import type { LogRecordData } from '../otlp/encoding/log-record.ts'
import { ProtobufWriter } from '../otlp/encoding/protobuf-writer.ts'
import type { RecordSink } from '../otlp/record-sink.ts'

/**
 * Encodes a log record of ours when it is emitted, and lets go of it. Those of other scopes (a library's own use of the
 * Logs API) do not belong in our batches and go on to `others`.
 */
export class EncodingLogRecordProcessor implements LogRecordProcessor {
  readonly #scope: string
  readonly #sink: RecordSink
  readonly #others: LogRecordProcessor[]
  readonly #writer = new ProtobufWriter()

  constructor(scope: string, sink: RecordSink, others: LogRecordProcessor[]) {
    this.#scope = scope
    this.#sink = sink
    this.#others = others
  }

  onEmit(record: ReadWriteLogRecord, context?: Context): void {
    const { name, version, schemaUrl } = record.instrumentationScope
    if (name === this.#scope && !version && !schemaUrl) this.#encode(record)
    else for (const other of this.#others) other.onEmit(record, context)
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#others.map((other) => other.forceFlush()))
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#others.map((other) => other.shutdown()))
  }

  #encode(record: ReadableLogRecord): void {
    this.#writer.reset()
    writeLogRecord(this.#writer, recordData(record))
    this.#sink.append(this.#writer.bytes)
  }
}

function recordData(record: ReadableLogRecord): LogRecordData {
  const { spanContext } = record
  return {
    time: record.hrTime,
    observedTime: record.hrTimeObserved,
    severityNumber: record.severityNumber ?? SeverityNumber.UNSPECIFIED,
    severityText: record.severityText ?? '',
    body: record.body,
    attributes: record.attributes,
    droppedAttributesCount: record.droppedAttributesCount,
    traceFlags: spanContext?.traceFlags ?? 0,
    traceId: spanContext?.traceId ?? '',
    spanId: spanContext?.spanId ?? '',
    eventName: record.eventName ?? '',
  }
}
