import { hostname } from 'node:os'

import {
  defaultResource,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import type { Resource } from '@opentelemetry/resources'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'

import { consoleSpanExporter } from './console-span-exporter.ts'
import { logDiagnostics } from './diagnostics.ts'
import { ExportQueue } from './export-queue.ts'
import { isWanted, otlpLogExporter, otlpSpanExporter } from './exporters.ts'
import { loadInstrumentations, registerImportHook } from './instrumentations.ts'
import { QueuedLogRecordProcessor } from './log-record-processors.ts'
import type { Logger } from './logger.ts'
import { MonitoredExporter } from './monitored-exporter.ts'
import type { Exporter } from './monitored-exporter.ts'
import type { OtelSettings } from './otel-settings.ts'
import { Outage } from './outage.ts'
import { QueuedSpanProcessor, RedactingSpanProcessor } from './span-processors.ts'
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
}

export interface Telemetry {
  /** What leaves the process, for the start line. */
  readonly exports: Signal[]
  /** Sends what waits, spans and logs in parallel, for at most so long. Resolves with what was left unsent. */
  flush(deadlineSeconds: number): Promise<Record<Signal, number>>
}

/** Starts the SDK. Libraries imported before this are not instrumented. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { settings } = options
  const instrumentations = settings.OTEL_SDK_DISABLED ? [] : await loadInstrumentations()
  const spans = spanPipeline(options)
  const logs = logPipeline(options)

  const sdk = createSdk({
    resource: baseResource(options),
    ...(process.env['OTEL_NODE_RESOURCE_DETECTORS'] === undefined && {
      // The SDK's default also sends the command line and the user's name.
      resourceDetectors: [envDetector, serviceInstanceIdDetector],
    }),
    instrumentations,
    spanProcessors: spans.processors,
    logRecordProcessors: logs.processors,
    // Metrics leave through /metrics only; unset, the SDK would send its own by OTLP.
    metricReaders: [],
  })
  logDiagnostics({
    logger: options.localLogger,
    level: settings.OTEL_LOG_LEVEL,
    onRejected(signal, count, reason) {
      options.metrics(signal).dropped('rejected', count)
      options.localLogger.warn({ signal, count, reason }, 'telemetry: the collector refused a part')
    },
  })
  registerImportHook(instrumentations)
  sdk.start()

  return {
    exports: [
      ...(spans.unsent ? ['spans' as const] : []),
      ...(logs.unsent ? ['logs' as const] : []),
    ],
    async flush(deadlineSeconds) {
      // A collector that is away rejects, one that is silent takes ten seconds: neither may hold up the exit.
      const { promise: deadline, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, deadlineSeconds * 1000)
      await Promise.race([sdk.shutdown().catch(() => {}), deadline])
      clearTimeout(timer)
      return { spans: spans.unsent?.() ?? 0, logs: logs.unsent?.() ?? 0 }
    },
  }
}

/** Told of OTEL_LOG_LEVEL, the SDK puts a logger on stdout, between the JSON lines; logDiagnostics is ours. */
function createSdk(configuration: Partial<NodeSDKConfiguration>): NodeSDK {
  const { OTEL_LOG_LEVEL: level } = process.env
  delete process.env['OTEL_LOG_LEVEL']
  try {
    return new NodeSDK(configuration)
  } finally {
    if (level !== undefined) process.env['OTEL_LOG_LEVEL'] = level
  }
}

interface Pipeline<processor> {
  processors: processor[]
  /** Undefined where nothing is exported. */
  unsent?: () => number
}

function spanPipeline({ settings, ...options }: TelemetryOptions): Pipeline<SpanProcessor> {
  const processors: SpanProcessor[] = [new RedactingSpanProcessor()]
  if (isWanted(settings.OTEL_TRACES_EXPORTER, 'console')) {
    processors.push(new SimpleSpanProcessor({ exporter: consoleSpanExporter() }))
  }

  const exporter = otlpSpanExporter(settings)
  if (!exporter) return { processors }
  const monitored = monitor('spans', exporter, options, {
    queueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    timeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
  })
  const batches = new BatchSpanProcessor({
    exporter: monitored.exporter,
    maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
  })
  processors.push(new QueuedSpanProcessor(monitored.queue, batches))
  return { processors, unsent: monitored.unsent }
}

function logPipeline({ settings, ...options }: TelemetryOptions): Pipeline<LogRecordProcessor> {
  const exporter = otlpLogExporter(settings)
  if (!exporter) return { processors: [] }
  const monitored = monitor('logs', exporter, options, {
    queueSize: settings.OTEL_BLRP_MAX_QUEUE_SIZE,
    timeoutMillis: settings.OTEL_BLRP_EXPORT_TIMEOUT,
  })
  const batches = new BatchLogRecordProcessor({
    exporter: monitored.exporter,
    maxQueueSize: settings.OTEL_BLRP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BLRP_MAX_EXPORT_BATCH_SIZE,
    scheduledDelayMillis: settings.OTEL_BLRP_SCHEDULE_DELAY,
    exportTimeoutMillis: settings.OTEL_BLRP_EXPORT_TIMEOUT,
  })
  return {
    processors: [new QueuedLogRecordProcessor(monitored.queue, batches)],
    unsent: monitored.unsent,
  }
}

function monitor<item>(
  signal: Signal,
  exporter: Exporter<item>,
  { metrics, logger }: Pick<TelemetryOptions, 'metrics' | 'logger'>,
  { queueSize, timeoutMillis }: { queueSize: number; timeoutMillis: number },
) {
  const outage = new Outage(logger, signal)
  const queue = new ExportQueue(queueSize, metrics(signal), outage)
  const monitored = new MonitoredExporter({
    exporter,
    queue,
    metrics: metrics(signal),
    outage,
    timeoutMillis,
  })
  return { queue, exporter: monitored, unsent: () => queue.length + monitored.pending }
}

function baseResource({ serviceName, version }: TelemetryOptions): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      'service.name': serviceName,
      'service.version': version,
      'host.name': hostname(),
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
    }),
  )
}
