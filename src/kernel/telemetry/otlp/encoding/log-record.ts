import type { HrTime, SeverityNumber } from '@opentelemetry/api'

import { writeAnyValue, writeAttributes } from './any-value.ts'
import { logRecordTags, scopeLogsTags } from './fields.ts'
import type { ProtobufWriter } from './protobuf-writer.ts'

/** Ids are hex; `''` and 0 stand for what is absent. */
export interface LogRecordData {
  time: HrTime
  observedTime: HrTime
  severityNumber: SeverityNumber
  severityText: string
  /** Undefined for none; null is the empty value. */
  body: unknown
  attributes: Readonly<Record<string, unknown>>
  droppedAttributesCount: number
  traceFlags: number
  traceId: string
  spanId: string
  eventName: string
}

/** One of ScopeLogs.log_records, with its tag and length. */
export function writeLogRecord(writer: ProtobufWriter, record: LogRecordData): void {
  const start = writer.begin(scopeLogsTags.logRecords)
  writer.writeTime(logRecordTags.timeUnixNano, record.time)
  if (record.severityNumber) {
    writer.writeVarint(logRecordTags.severityNumber, record.severityNumber)
  }
  if (record.severityText) writer.writeString(logRecordTags.severityText, record.severityText)
  if (record.body !== undefined) writeAnyValue(writer, logRecordTags.body, record.body)
  writeAttributes(writer, logRecordTags.attributes, record.attributes)
  if (record.droppedAttributesCount) {
    writer.writeVarint(logRecordTags.droppedAttributesCount, record.droppedAttributesCount)
  }
  if (record.traceFlags) writer.writeFixed32(logRecordTags.flags, record.traceFlags)
  if (record.traceId) writer.writeId(logRecordTags.traceId, record.traceId)
  if (record.spanId) writer.writeId(logRecordTags.spanId, record.spanId)
  writer.writeTime(logRecordTags.observedTimeUnixNano, record.observedTime)
  if (record.eventName) writer.writeString(logRecordTags.eventName, record.eventName)
  writer.end(start)
}
