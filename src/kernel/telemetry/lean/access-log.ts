import type { ByteSink } from '../byte-sink.ts'
import type { RecordSink } from '../otlp/record-sink.ts'
import { isPlainClient } from './connection-runs.ts'
import type { EndedRequest } from './ended-request.ts'
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

  get isEnabled(): boolean {
    return this.#options.isEnabled()
  }

  /** False if the request is not ordinary enough: its record takes the long way. */
  takes({ durationMicros, ids, facts: { path, client } }: EndedRequest): boolean {
    // A whole number of milliseconds has another type on the wire.
    const hasFraction = durationMicros % 1000 !== 0
    return hasFraction && ids.hasSmallLetters && isPlainText(path) && isPlainClient(client)
  }

  /** Of a request that it takes. */
  write({ line, record }: RequestTemplate, request: EndedRequest): void {
    const { lines, records } = this.#options
    line.writeTo(lines, request)
    if (records) record.writeTo(records, request)
  }
}
