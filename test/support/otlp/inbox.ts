import { exportMethod } from './export-method.ts'
import type { ExportMethod, Signal } from './export-method.ts'
import { receivedLogRecords } from './received-log-record.ts'
import type { ReceivedLogRecord } from './received-log-record.ts'
import { receivedSpans } from './received-span.ts'
import type { ReceivedSpan } from './received-span.ts'

/**
 * `silent` takes a call and never answers; `unavailable` is gRPC UNAVAILABLE or HTTP 503; `reject` is gRPC
 * INVALID_ARGUMENT or HTTP 400; `partial` succeeds and says that the first item of the call was rejected.
 */
export type ReceiverMode = 'accept' | 'silent' | 'unavailable' | 'reject' | 'partial'

export type Verdict = { kind: 'answer'; response: object } | { kind: Refusal }

type Refusal = Exclude<ReceiverMode, 'accept' | 'partial'>

export type Protocol = 'grpc' | 'http/protobuf'

/** Where both endpoints put what arrives, and ask how to answer. */
export class Inbox {
  readonly spans: ReceivedSpan[] = []
  readonly logs: ReceivedLogRecord[] = []
  readonly headers: Record<string, string>[] = []
  readonly methods: Record<Signal, ExportMethod> = {
    traces: exportMethod('traces'),
    logs: exportMethod('logs'),
  }
  mode: ReceiverMode

  constructor(mode: ReceiverMode) {
    this.mode = mode
  }

  noteCall(protocol: Protocol, signal: Signal, headers: Record<string, string>): void {
    this.headers.push({ ...headers, '(protocol)': protocol, '(signal)': signal })
  }

  /** `request` is the signal's decoded export request. */
  take(signal: Signal, request: object): Verdict {
    switch (this.mode) {
      case 'accept':
        this.#keep(signal, request, 0)
        return { kind: 'answer', response: {} }
      case 'partial':
        this.#keep(signal, request, 1)
        return { kind: 'answer', response: { partialSuccess: rejectedOne[signal] } }
      case 'silent':
      case 'unavailable':
      case 'reject':
        return { kind: this.mode }
    }
  }

  #keep(signal: Signal, request: object, from: number): void {
    if (signal === 'traces') this.spans.push(...receivedSpans(request).slice(from))
    else this.logs.push(...receivedLogRecords(request).slice(from))
  }
}

const rejectedOne = {
  traces: { rejectedSpans: 1, errorMessage: 'one too many' },
  logs: { rejectedLogRecords: 1, errorMessage: 'one too many' },
} as const satisfies Record<Signal, object>
