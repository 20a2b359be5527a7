import { startGrpcEndpoint } from './otlp/grpc-endpoint.ts'
import { startHttpEndpoint } from './otlp/http-endpoint.ts'
import { Inbox } from './otlp/inbox.ts'
import type { ReceiverMode } from './otlp/inbox.ts'
import type { ReceivedLogRecord } from './otlp/received-log-record.ts'
import type { ReceivedSpan } from './otlp/received-span.ts'
import { waitUntil } from './wait-until.ts'

export type { AttributeValue } from './otlp/attribute-value.ts'
export type { ReceiverMode } from './otlp/inbox.ts'
export type { ReceivedLogRecord } from './otlp/received-log-record.ts'
export type { ReceivedSpan } from './otlp/received-span.ts'

export interface OtlpReceiver extends AsyncDisposable {
  grpcUrl: string
  /** Without a path: `/v1/traces` and `/v1/logs` are below it. */
  httpUrl: string
  grpcPort: number
  httpPort: number
  spans: ReceivedSpan[]
  logs: ReceivedLogRecord[]
  /**
   * One entry an export call, in every mode: lower-case names, and besides them `(protocol)` (`grpc` or
   * `http/protobuf`) and `(signal)` (`traces` or `logs`).
   */
  headers: Record<string, string>[]
  setMode(mode: ReceiverMode): void
  /** Waits until `probe` gives something other than `undefined` or `false`. */
  waitFor<T>(what: string, probe: () => T | undefined | false, timeoutMillis?: number): Promise<T>
}

export interface OtlpReceiverOptions {
  mode?: ReceiverMode
  /** Free ones unless given. */
  grpcPort?: number
  httpPort?: number
}

/** An OTLP collector for tests: takes traces and logs over gRPC and HTTP, and keeps them decoded. */
export async function startOtlpReceiver({
  mode = 'accept',
  grpcPort = 0,
  httpPort = 0,
}: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  await using starting = new AsyncDisposableStack()
  const inbox = new Inbox(mode)
  const grpc = starting.use(await startGrpcEndpoint(inbox, grpcPort))
  const http = starting.use(await startHttpEndpoint(inbox, httpPort))
  const running = starting.move()

  return {
    grpcUrl: `http://127.0.0.1:${grpc.port}`,
    httpUrl: `http://127.0.0.1:${http.port}`,
    grpcPort: grpc.port,
    httpPort: http.port,
    spans: inbox.spans,
    logs: inbox.logs,
    headers: inbox.headers,
    setMode(next) {
      inbox.mode = next
    },
    waitFor: (what, probe, timeoutMillis = 10_000) =>
      waitUntil(
        probe,
        timeoutMillis,
        () => `no ${what} within ${timeoutMillis} ms; arrived: ${summaryOf(inbox)}`,
      ),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function summaryOf({ headers, spans, logs, mode }: Inbox): string {
  const calls = headers.map((call) => `${call['(signal)']} by ${call['(protocol)']}`)
  const names = spans.map(({ kind, name }) => `${kind} ${name}`)
  const bodies = logs.map(({ severityText, body }) => `${severityText} ${asText(body)}`)
  return [
    listOf('export calls', calls),
    listOf('spans', names),
    listOf('log records', bodies),
    `mode ${mode}`,
  ].join('; ')
}

function listOf(what: string, items: string[]): string {
  if (items.length === 0) return `no ${what}`
  const shown = [...new Set(items)].slice(0, 20).join(', ')
  return `${items.length} ${what} (${shown})`
}

/** JSON, except that it has no bigint. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? part.toString() : part,
  )
}
