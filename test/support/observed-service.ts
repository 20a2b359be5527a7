import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

import { samplesOf } from './exposition.ts'
import type { Sample } from './exposition.ts'
import { startOtlpReceiver } from './otlp-receiver.ts'
import type { OtlpReceiver, ReceivedLogRecord, ReceivedSpan } from './otlp-receiver.ts'
import { startService } from './service-process.ts'
import type { LogLine, ServiceProcess } from './service-process.ts'

export const parcelService = 'test/fixtures/parcel-service/main.ts'

/** Batches leave at once, so that no test waits out the defaults of seconds. */
export const promptExport = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BLRP_SCHEDULE_DELAY: '20' }

export interface ObservedService extends AsyncDisposable {
  service: ServiceProcess
  receiver: OtlpReceiver
  /** Everything that one request left, found by its trace id and complete. */
  telemetryOf(traceId: string): Promise<RequestTelemetry>
  samples(): Promise<Sample[]>
}

export interface RequestTelemetry {
  serverSpans: ReceivedSpan[]
  span: ReceivedSpan
  otherSpans: ReceivedSpan[]
  accessLines: LogLine[]
  accessLine: LogLine
  otherLines: LogLine[]
  accessRecords: ReceivedLogRecord[]
  accessRecord: ReceivedLogRecord
  otherRecords: ReceivedLogRecord[]
}

/** A service and a collector that it sends to. */
export async function startObserved({
  main = parcelService,
  env = {},
}: { main?: string; env?: Record<string, string> } = {}): Promise<ObservedService> {
  await using starting = new AsyncDisposableStack()
  const receiver = starting.use(await startOtlpReceiver())
  const service = starting.use(
    await startService({
      main,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, ...promptExport, ...env },
    }),
  )
  const running = starting.move()

  return {
    service,
    receiver,
    telemetryOf: (traceId) => telemetryOf(service, receiver, traceId),
    samples: async () => samplesOf(await (await fetch(`${service.opsUrl}/metrics`)).text()),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** The id that the service gave the request. */
export function traceIdOf(response: Response): string {
  const traceId = response.headers.get('x-trace-id') ?? ''
  assert.match(traceId, /^[0-9a-f]{32}$/)
  return traceId
}

async function telemetryOf(
  service: ServiceProcess,
  receiver: OtlpReceiver,
  traceId: string,
): Promise<RequestTelemetry> {
  const spans = () => receiver.spans.filter((span) => span.traceId === traceId)
  const lines = () => service.lines.filter(({ trace_id }) => trace_id === traceId)
  const records = () => receiver.logs.filter((record) => record.traceId === traceId)

  const span = await receiver.waitFor(`server span of ${traceId}`, () => spans().find(isServer))
  const accessLine = await service.waitForLine(
    `access line of ${traceId}`,
    (line) => line['trace_id'] === traceId && isAccess(line),
  )
  const accessRecord = await receiver.waitFor(`access record of ${traceId}`, () =>
    records().find(({ attributes }) => isAccess(attributes)),
  )
  // A second span, line or record that should not be would come with the next batch.
  await sleep(100)
  return {
    span,
    serverSpans: spans().filter(isServer),
    otherSpans: spans().filter((candidate) => !isServer(candidate)),
    accessLine,
    accessLines: lines().filter(isAccess),
    otherLines: lines().filter((line) => !isAccess(line)),
    accessRecord,
    accessRecords: records().filter(({ attributes }) => isAccess(attributes)),
    otherRecords: records().filter(({ attributes }) => !isAccess(attributes)),
  }
}

function isServer({ kind }: ReceivedSpan): boolean {
  return kind === 'SERVER'
}

function isAccess(fields: Record<string, unknown>): boolean {
  return 'duration_ms' in fields
}
