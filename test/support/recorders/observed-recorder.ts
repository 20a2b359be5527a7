import { context, logs, propagation, trace } from '@opentelemetry/api'
import type { SpanContext, Tracer } from '@opentelemetry/api'
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { z } from 'zod'

import { readSettings } from '../../../src/kernel/config.ts'
import type { KernelSettings } from '../../../src/kernel/settings.ts'
import { Backlog } from '../../../src/kernel/telemetry/backlog.ts'
import { createRecorder } from '../../../src/kernel/telemetry/create-recorder.ts'
import { isWanted } from '../../../src/kernel/telemetry/exporters.ts'
import { GuardedRegistry } from '../../../src/kernel/telemetry/guarded-registry.ts'
import { leanPipeline } from '../../../src/kernel/telemetry/lean/lean-pipeline.ts'
import type { LeanPipeline } from '../../../src/kernel/telemetry/lean/lean-pipeline.ts'
import { LineBuffer } from '../../../src/kernel/telemetry/line-buffer.ts'
import { createLogger } from '../../../src/kernel/telemetry/logger.ts'
import type { Logger } from '../../../src/kernel/telemetry/logger.ts'
import { Outage } from '../../../src/kernel/telemetry/outage.ts'
import type { RecorderKind } from '../../../src/kernel/telemetry/recorder-kind.ts'
import { createRequestMetrics } from '../../../src/kernel/telemetry/request-metrics.ts'
import type { RequestRecorder } from '../../../src/kernel/telemetry/request-recorder.ts'
import { samplerOf } from '../../../src/kernel/telemetry/sampler.ts'
import { RedactingSpanProcessor } from '../../../src/kernel/telemetry/span-processors.ts'
import { createTelemetryMetrics } from '../../../src/kernel/telemetry/telemetry-metrics.ts'
import type { Signal } from '../../../src/kernel/telemetry/telemetry-metrics.ts'
import type { Telemetry } from '../../../src/kernel/telemetry/telemetry.ts'
import type { LeftTelemetry } from './left-telemetry.ts'
import { decoded, startOtlpBodies } from './otlp-bodies.ts'
import type { OtlpBodies } from './otlp-bodies.ts'

export const recorderKinds: readonly RecorderKind[] = ['standard', 'lean']

export interface RecorderSetup {
  /** What the environment of the process would be. Spans and log records are exported unless it says otherwise. */
  env?: Record<string, string>
  /** Default: `test`. */
  serviceName?: string
  /** False where no collector is configured. */
  hasCollector?: boolean
  /** Of all spans but the lean recorder's own. */
  ids?: IdGenerator
}

/** A recorder with all that it needs, as the kernel starts it, and with all that it leaves. */
export interface ObservedRecorder extends AsyncDisposable {
  kind: RecorderKind
  serviceName: string
  settings: KernelSettings
  registry: GuardedRegistry
  logger: Logger
  /** For spans below a request's. */
  tracer: Tracer
  telemetry: Telemetry
  recorder: RequestRecorder
  /** What is left so far. */
  left(): Promise<LeftTelemetry>
}

const resource = resourceFromAttributes({ 'service.name': 'test', 'process.pid': 7 })

/** Takes over the API's global providers; what an earlier recorder got from them goes on to be its own. */
export async function startRecorder(
  kind: RecorderKind,
  setup: RecorderSetup = {},
): Promise<ObservedRecorder> {
  await using starting = new AsyncDisposableStack()
  const collector = starting.use(await startOtlpBodies())
  const env = {
    // Batches leave when they are asked for.
    OTEL_BSP_SCHEDULE_DELAY: '600000',
    OTEL_BLRP_SCHEDULE_DELAY: '600000',
    ...(setup.hasCollector !== false && {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    }),
    HOST: '127.0.0.1',
    PORT: '0',
    ...setup.env,
  }
  const recorder = withEnvironment(env, () => observedRecorder(kind, setup, env, collector))
  starting.use(recorder)
  const running = starting.move()
  return { ...recorder, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

function observedRecorder(
  kind: RecorderKind,
  { serviceName = 'test', hasCollector = true, ids }: RecorderSetup,
  env: Record<string, string>,
  collector: OtlpBodies,
): ObservedRecorder {
  const settings = readSettings(z.object({}), env).kernel
  const spans = new InMemorySpanExporter()
  const records = new InMemoryLogRecordExporter()
  const hasSpans = hasCollector && isWanted(settings.OTEL_TRACES_EXPORTER)
  const hasRecords = hasCollector && isWanted(settings.OTEL_LOGS_EXPORTER)
  const memory = hasRecords ? [new SimpleLogRecordProcessor({ exporter: records })] : []
  const backlog = new Backlog()
  const lean = kind === 'lean' ? startedPipeline(settings, memory, backlog) : undefined
  const sampler = samplerOf(settings)

  leaveGlobals()
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    sampler,
    spanProcessors: [
      new RedactingSpanProcessor(),
      ...(hasSpans ? [new SimpleSpanProcessor({ exporter: spans })] : []),
    ],
    logRecordProcessors: lean?.logProcessors ?? memory,
    metricReaders: [],
    ...(ids && { idGenerator: ids }),
  })
  sdk.start()

  const lines: string[] = []
  const stdout = new LineBuffer({
    immediate: true,
    settle: () => backlog.settle(),
    maxBytes: 16 * 1024 * 1024,
    writeSync(_fd, bytes, offset, length) {
      lines.push(
        ...bytes
          .toString('utf8', offset, offset + length)
          .split('\n')
          .slice(0, -1),
      )
      return length
    },
  })
  const registry = new GuardedRegistry(settings.METRICS_MAX_SERIES, () => backlog.settle())
  const logger = createLogger({
    service: serviceName,
    level: settings.LOG_LEVEL,
    pretty: false,
    otlp: true,
    destination: stdout,
  })
  const telemetry: Telemetry = {
    exports: [],
    sampler,
    lean,
    flush: async () => ({ spans: 0, logs: 0 }),
  }
  return {
    kind,
    serviceName,
    settings,
    registry,
    logger,
    tracer: trace.getTracer('test'),
    telemetry,
    recorder: createRecorder(telemetry, {
      serviceName,
      lines: stdout,
      logger,
      metrics: createRequestMetrics(registry),
      trustedProxies: settings.TRUSTED_PROXIES,
      incomingTraceContext: settings.INCOMING_TRACE_CONTEXT,
    }),
    async left() {
      await lean?.flush()
      return {
        otlp: {
          traces: [...collector.requests.traces, ...serializedSpans(spans)],
          logs: [...collector.requests.logs, ...serializedRecords(records)],
        },
        lines: [...lines],
        exposition: await registry.metrics(),
      }
    },
    async [Symbol.asyncDispose]() {
      lean?.spans?.close()
      lean?.logs?.close()
      await sdk.shutdown()
    },
  }
}

function startedPipeline(
  settings: KernelSettings,
  otherLogProcessors: LogRecordProcessor[],
  backlog: Backlog,
): LeanPipeline {
  const silent = createLogger({ service: 'test', level: 'silent', pretty: false, otlp: false })
  const metrics = createTelemetryMetrics(new GuardedRegistry(100))
  const reportOf = (signal: Signal) => ({
    metrics: metrics(signal),
    outage: new Outage(silent, signal),
  })
  return leanPipeline({
    settings,
    resource,
    reports: { spans: reportOf('spans'), logs: reportOf('logs') },
    onRejected(signal, count, reason) {
      throw new Error(`${count} ${signal} were refused: ${reason}`)
    },
    otherLogProcessors,
    backlog,
  })
}

/** As the SDK would send it. */
function serializedSpans(exporter: InMemorySpanExporter): object[] {
  const spans = exporter.getFinishedSpans()
  if (spans.length === 0) return []
  return [decoded('traces', ProtobufTraceSerializer.serializeRequest(spans) ?? Buffer.alloc(0))]
}

function serializedRecords(exporter: InMemoryLogRecordExporter): object[] {
  const records = exporter.getFinishedLogRecords()
  if (records.length === 0) return []
  return [decoded('logs', ProtobufLogsSerializer.serializeRequest(records) ?? Buffer.alloc(0))]
}

/** Those of an earlier recorder are no good for another one: each has limits, samplers and exporters of its own. */
function leaveGlobals(): void {
  trace.disable()
  logs.disable()
  propagation.disable()
  context.disable()
}

/** The SDK reads most of its settings from the environment by itself. */
function withEnvironment<result>(env: Record<string, string>, work: () => result): result {
  const before = process.env
  process.env = { ...before, ...env }
  try {
    return work()
  } finally {
    process.env = before
  }
}

/** The ids of the span that belongs to what runs now. */
export function activeSpanContext(): SpanContext | undefined {
  return trace.getSpanContext(context.active())
}
