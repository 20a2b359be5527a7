import type { SpanContext } from '@opentelemetry/api'

import type { ByteSink } from '../byte-sink.ts'
import type { RecordSink } from '../otlp/record-sink.ts'
import type { RequestFacts } from '../request-facts.ts'
import type { ConnectionRun } from './connection-runs.ts'
import { isoTime } from '../iso-time.ts'
import { isPlainText } from './plain-text.ts'
import type { RequestTemplate } from './request-templates.ts'

export interface AccessLogOptions {
  /** Where lines go, those of pino too: so they keep their order. */
  lines: ByteSink
  /** Undefined where no log records are exported. */
  records: RecordSink | undefined
  /** Whether lines of the level `info` are wanted now. */
  isEnabled(): boolean
}

/** Writes the line and the log record of an ordinary request, without pino. */
export class AccessLog {
  readonly #options: AccessLogOptions

  constructor(options: AccessLogOptions) {
    this.#options = options
  }

  /** False, and nothing written, if the request is not ordinary enough: its record takes the long way. */
  write(
    { line, record }: RequestTemplate,
    { path, client }: RequestFacts,
    { recordAttributes }: ConnectionRun,
    { traceId, spanId, traceFlags }: SpanContext,
    seconds: number,
  ): boolean {
    const { lines, records, isEnabled } = this.#options
    if (!isEnabled()) return true

    const durationMicros = Math.round(seconds * 1e6)
    const isOrdinary =
      client !== undefined &&
      // An address of IPv6 may name its zone, which is free text.
      !client.includes('%') &&
      // A whole number has another type on the wire.
      durationMicros % 1000 !== 0 &&
      isPlainText(path)
    if (!isOrdinary) return false

    const timeMillis = Date.now()
    const time = isoTime(timeMillis)
    const lineParts = { time, path, client, durationMicros, traceId, spanId }
    const lineBuffer = lines.reserve(line.room(lineParts))
    if (lineBuffer) lines.commit(line.write(lineBuffer, lines.position, lineParts))
    if (!records) return true

    const recordParts = {
      timeMillis,
      traceId,
      spanId,
      traceFlags,
      path,
      durationMillis: durationMicros / 1000,
      connectionAttributes: recordAttributes,
    }
    const recordBuffer = records.reserve(record.room(recordParts))
    if (recordBuffer) records.commit(record.write(recordBuffer, records.position, recordParts))
    return true
  }
}
