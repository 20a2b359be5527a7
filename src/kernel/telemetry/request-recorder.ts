import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Where a request becomes a span, a log line and a measurement. Whatever stands behind it must leave the same telemetry
 * for the same request; nothing else in the kernel knows which implementation is in use.
 */
export interface RequestRecorder {
  /** Begins a record, which ends when it is told that the answer has closed. */
  begin(request: Request, incoming: IncomingMessage, outgoing: ServerResponse): OpenRecord
  /** Whether a record that was begun has not ended yet. */
  readonly isRecording: boolean
  /** Whether the answer of a request under way broke off with this error, which its record will tell. */
  willRecord(error: Error): boolean
}

export interface RequestRecord {
  /** Undefined only when tracing is disabled altogether. */
  readonly traceId: string | undefined
  /** The pattern of the handler that answers, as far as is known. */
  readonly route: string | undefined
  /** Runs the work so that everything below it, also after `await`, belongs to this request. */
  run<result>(work: () => result): result
  /**
   * The pattern under which the request counts, of which there must be few; the last one said is true, undefined is no
   * route. Handlers in the router need not say it; one that finds its routes by itself does.
   */
  setRoute(pattern: string | undefined): void
  /** The request failed with this error, expected (ServiceError) or not. The answer is the caller's business. */
  fail(error: Error): void
}

/** What whoever begins a record holds, and no handler. */
export interface OpenRecord extends RequestRecord {
  /** The answer has closed: its last byte left, or the client went away. To be said once. */
  close(): void
}
