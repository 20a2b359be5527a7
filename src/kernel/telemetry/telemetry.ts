import type { Resource } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace'

import type { Backlog } from './backlog.ts'
import { logDiagnostics } from './diagnostics.ts'
import { loadInstrumentations, registerImportHook } from './instrumentations.ts'
import { leanPipeline } from './lean/lean-pipeline.ts'
import type { LeanPipeline } from './lean/lean-pipeline.ts'
import type { Logger } from './logger.ts'
import type { OtelSettings } from './otel-settings.ts'
import { Outage } from './outage.ts'
import { recorderKind } from './recorder-kind.ts'
import { detectResource } from './resource.ts'
import { samplerOf } from './sampler.ts'
import { SharedOutage } from './shared-outage.ts'
import { standardLogPipeline, standardSpanPipeline } from './standard-pipelines.ts'
import type { SignalReport } from './standard-pipelines.ts'
import type { Signal, TelemetryMetrics } from './telemetry-metrics.ts'

export interface TelemetryOptions {
  serviceName: string
  version: string
  settings: OtelSettings
  metrics: TelemetryMetrics
  /** For what telemetry says of itself; both copies. */
  logger: Logger
  /** The same without OTLP, for what must not feed itself. */
  localLogger: Logger
  /** The service's own. */
  spanProcessors: readonly SpanProcessor[]
  /** What requests have left that is not encoded yet. */
  backlog: Backlog
}

export interface Telemetry {
  /** What leaves the process, for the start line. */
  readonly exports: Signal[]
  /** Every recorder's: the decision is the trace's, not the recorder's. */
  readonly sampler: Sampler
  /** What the lean recorder encodes for; undefined with the standard one. */
  readonly lean: LeanPipeline | undefined
  /** Sends what waits, spans and logs in parallel, for at most so long. Resolves with what was left unsent. */
  flush(deadlineSeconds: number): Promise<Record<Signal, number>>
}

/** Starts the SDK. Libraries imported before this are not instrumented. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { settings, spanProcessors } = options
  const instrumentations = settings.OTEL_SDK_DISABLED ? [] : await loadInstrumentations()
  const resource = await detectResource(options, settings)
  const sampler = samplerOf(settings)
  const reports = { spans: reportsOf('spans', options), logs: reportsOf('logs', options) }

  function onRejected(signal: Signal, count: number, reason: string): void {
    options.localLogger.warn({ signal, count, reason }, 'telemetry: the collector refused a part')
  }

  // What is not a request's own leaves by these whichever recorder is in use: child spans, other scopes' log records.
  const spans = standardSpanPipeline(settings, reports.spans.standard, spanProcessors)
  const logs = standardLogPipeline(settings, reports.logs.standard)
  const isLean = recorderKind(settings, spanProcessors.length > 0) === 'lean'
  const lean = isLean
    ? leanPipeline({
        settings,
        resource,
        reports: { spans: reports.spans.lean, logs: reports.logs.lean },
        onRejected,
        otherLogProcessors: logs.processors,
        backlog: options.backlog,
      })
    : undefined

  const sdk = createSdk({
    resource,
    autoDetectResources: false,
    sampler,
    instrumentations,
    spanProcessors: spans.processors,
    logRecordProcessors: lean?.logProcessors ?? logs.processors,
    // Metrics leave through /metrics only; unset, the SDK would send its own by OTLP.
    metricReaders: [],
  })
  logDiagnostics({
    logger: options.localLogger,
    level: settings.OTEL_LOG_LEVEL,
    onRejected(signal, count, reason) {
      reports[signal].standard.metrics.dropped('rejected', count)
      onRejected(signal, count, reason)
    },
  })
  registerImportHook(instrumentations)
  sdk.start()

  return {
    exports: [
      ...(spans.unsent ? ['spans' as const] : []),
      ...(logs.unsent ? ['logs' as const] : []),
    ],
    sampler,
    lean,
    async flush(deadlineSeconds) {
      // A collector that is away rejects, one that is silent takes ten seconds: neither may hold up the exit.
      const { promise: deadline, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, deadlineSeconds * 1000)
      const sent = Promise.all([sdk.shutdown().catch(() => {}), lean?.flush()])
      await Promise.race([sent, deadline])
      clearTimeout(timer)
      // After a crash requests go on ending: what is not encoded yet is unsent, too.
      options.backlog.settle()
      return {
        spans: (spans.unsent?.() ?? 0) + (lean?.spans?.unsent ?? 0),
        logs: (logs.unsent?.() ?? 0) + (lean?.logs?.unsent ?? 0),
      }
    },
  }
}

/** A signal leaves by two ways, of which an operator hears as one. */
function reportsOf(
  signal: Signal,
  { metrics, logger }: TelemetryOptions,
): Record<'standard' | 'lean', SignalReport> {
  const outage = new SharedOutage(new Outage(logger, signal))
  return {
    standard: { metrics: metrics(signal), outage: outage.part() },
    lean: { metrics: metrics(signal), outage: outage.part() },
  }
}

/** Told of OTEL_LOG_LEVEL, the SDK puts a logger on stdout, between the JSON lines; logDiagnostics is ours. */
function createSdk(configuration: Partial<NodeSDKConfiguration> & { resource: Resource }): NodeSDK {
  const { OTEL_LOG_LEVEL: level } = process.env
  delete process.env['OTEL_LOG_LEVEL']
  try {
    return new NodeSDK(configuration)
  } finally {
    if (level !== undefined) process.env['OTEL_LOG_LEVEL'] = level
  }
}
