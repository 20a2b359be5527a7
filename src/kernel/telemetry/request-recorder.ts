import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Where a request becomes a span, a log line and a measurement. Whatever stands behind it must leave the same telemetry
 * for the same request; nothing else in the kernel knows which implementation is in use.
 */
export interface RequestRecorder {
  /** Begins a record, which ends by itself when the last byte of the answer left or the client went away. */
  begin(request: Request, incoming: IncomingMessage, outgoing: ServerResponse): RequestRecord
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
  /** A handler of this pattern runs; the last one to run is the one that answers. */
  handlerRan(pattern: string): void
  /** That handler called `next`: it does not answer, unless nobody else does. */
  handlerPassedOn(): void
  /** The request failed with this error, expected (ServiceError) or not. The answer is the caller's business. */
  fail(error: Error): void
}
