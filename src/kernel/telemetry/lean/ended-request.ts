import type { ConnectionRun } from './connection-runs.ts'
import type { SpanIds } from './span-ids.ts'

/** What differs between the requests of one kind. */
export interface EndedRequest {
  ids: SpanIds
  traceFlags: number
  /** `''` for none. */
  parentSpanId: string
  parentIsRemote: boolean
  /** Milliseconds since 1970, as the next two. */
  startMillis: number
  /** With a fraction. */
  endMillis: number
  /** When its line and its log record are written. */
  timeMillis: number
  durationMicros: number
  path: string
  /** Redacted; `''` for none. */
  query: string
  client: string | undefined
  run: ConnectionRun
  hasExemplar: boolean
}
