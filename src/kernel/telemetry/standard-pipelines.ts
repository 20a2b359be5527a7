import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'

import { consoleSpanExporter } from './console-span-exporter.ts'
import { ExportQueue } from './export-queue.ts'
import { isWanted, otlpLogExporter, otlpSpanExporter } from './exporters.ts'
import { QueuedLogRecordProcessor } from './log-record-processors.ts'
import { MonitoredExporter } from './monitored-exporter.ts'
import type { Exporter } from './monitored-exporter.ts'
import { defaultQueueSize } from './otel-settings.ts'
import type { OtelSettings } from './otel-settings.ts'
import type { OutageReport } from './shared-outage.ts'
import { QueuedSpanProcessor, RedactingSpanProcessor } from './span-processors.ts'
import type { SignalMetrics } from './telemetry-metrics.ts'

/** What is told of a signal on its way out. */
export interface SignalReport {
  metrics: SignalMetrics
  outage: OutageReport
}

export interface Pipeline<processor> {
  processors: processor[]
  /** Undefined where nothing is exported. */
  unsent?: () => number
}

/** Spans of the SDK to its exporters. `own` are the service's, which see what is exported. */
export function standardSpanPipeline(
  settings: OtelSettings,
  report: SignalReport,
  own: readonly SpanProcessor[],
): Pipeline<SpanProcessor> {
  const processors: SpanProcessor[] = [new RedactingSpanProcessor(), ...own]
  if (isWanted(settings.OTEL_TRACES_EXPORTER, 'console')) {
    processors.push(new SimpleSpanProcessor({ exporter: consoleSpanExporter() }))
  }

  const exporter = otlpSpanExporter(settings)
  if (!exporter) return { processors }
  const maxQueueSize = settings.OTEL_BSP_MAX_QUEUE_SIZE ?? defaultQueueSize
  const monitored = monitor(exporter, report, {
    queueSize: maxQueueSize,
    timeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
  })
  const batches = new BatchSpanProcessor({
    exporter: monitored.exporter,
    maxQueueSize,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
  })
  processors.push(new QueuedSpanProcessor(monitored.queue, batches))
  return { processors, unsent: monitored.unsent }
}

/** Log records of the SDK to its exporter. */
export function standardLogPipeline(
  settings: OtelSettings,
  report: SignalReport,
): Pipeline<LogRecordProcessor> {
  const exporter = otlpLogExporter(settings)
  if (!exporter) return { processors: [] }
  const maxQueueSize = settings.OTEL_BLRP_MAX_QUEUE_SIZE ?? defaultQueueSize
  const monitored = monitor(exporter, report, {
    queueSize: maxQueueSize,
    timeoutMillis: settings.OTEL_BLRP_EXPORT_TIMEOUT,
  })
  const batches = new BatchLogRecordProcessor({
    exporter: monitored.exporter,
    maxQueueSize,
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
  exporter: Exporter<item>,
  { metrics, outage }: SignalReport,
  { queueSize, timeoutMillis }: { queueSize: number; timeoutMillis: number },
) {
  const queue = new ExportQueue(queueSize, metrics, outage)
  const monitored = new MonitoredExporter({ exporter, queue, metrics, outage, timeoutMillis })
  return { queue, exporter: monitored, unsent: () => queue.length + monitored.pending }
}
