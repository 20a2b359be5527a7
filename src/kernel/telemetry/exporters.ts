import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as HttpLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

import type { Exporter } from './monitored-exporter.ts'
import { defaultQueueSize } from './otel-settings.ts'
import type { OtelSettings } from './otel-settings.ts'

/**
 * The exporters read endpoint, headers, TLS, compression and timeout from `OTEL_EXPORTER_OTLP_*` themselves. Without an
 * endpoint there is none: nothing is sent and nothing complains.
 */
export function otlpSpanExporter(settings: OtelSettings): Exporter<ReadableSpan> | undefined {
  const endpoint =
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!isWanted(settings.OTEL_TRACES_EXPORTER) || endpoint === undefined) return undefined

  const protocol =
    settings.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL
  const concurrencyLimit = batchesAtOnce(
    settings.OTEL_BSP_MAX_QUEUE_SIZE ?? defaultQueueSize,
    settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
  )
  return protocol === 'grpc'
    ? new GrpcTraceExporter({ concurrencyLimit })
    : new HttpTraceExporter({ concurrencyLimit })
}

export function otlpLogExporter(settings: OtelSettings): Exporter<ReadableLogRecord> | undefined {
  const endpoint = settings.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!isWanted(settings.OTEL_LOGS_EXPORTER) || endpoint === undefined) return undefined

  const protocol = settings.OTEL_EXPORTER_OTLP_LOGS_PROTOCOL ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL
  const concurrencyLimit = batchesAtOnce(
    settings.OTEL_BLRP_MAX_QUEUE_SIZE ?? defaultQueueSize,
    settings.OTEL_BLRP_MAX_EXPORT_BATCH_SIZE,
  )
  return protocol === 'grpc'
    ? new GrpcLogExporter({ concurrencyLimit })
    : new HttpLogExporter({ concurrencyLimit })
}

export function isWanted(exporters: string[], name = 'otlp'): boolean {
  return exporters.includes(name) && !exporters.includes('none')
}

/** A flush sends the whole queue at once; the exporters' own limit of 30 batches would throw the rest away. */
function batchesAtOnce(queueSize: number, batchSize: number): number {
  return Math.ceil(queueSize / batchSize) + 2
}
