import type { SpanContext, TraceFlags } from '@opentelemetry/api'

import type { RequestFacts } from '../request-facts.ts'
import type { ConnectionRun } from './connection-runs.ts'
import type { SpanIds } from './span-ids.ts'

/** What differs between the requests of one kind. */
export interface EndedRequest {
  readonly facts: RequestFacts
  /** What it has in common with the others of its connection. */
  readonly connection: ConnectionRun
  readonly ids: SpanIds
  /** Valid, or undefined. */
  readonly parent: SpanContext | undefined
  readonly traceFlags: TraceFlags
  /** Milliseconds since 1970, as the next two. */
  readonly startMillis: number
  /** With a fraction. */
  readonly endMillis: number
  /** Of its line and its log record. */
  readonly timeMillis: number
  readonly durationMicros: number
  readonly hasExemplar: boolean
}
