import type { OtelSettings } from '../../otel-settings.ts'
import type { OutageReport } from '../../shared-outage.ts'
import type { Signal, SignalMetrics } from '../../telemetry-metrics.ts'
import type { BufferPool } from './buffer-pool.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import { otlpTarget } from './otlp-target.ts'
import { RecordBatches } from './record-batches.ts'

export interface CreateRecordBatchesOptions {
  signal: Signal
  settings: OtelSettings
  /** Encoded fields of ResourceSpans or ResourceLogs, tags included. */
  resourceBytes: Uint8Array
  /** Encoded fields of ScopeSpans or ScopeLogs that stand before the records, tags included. */
  scopeBytes: Uint8Array
  /** One for both signals. */
  pool: BufferPool
  metrics: SignalMetrics
  outage: OutageReport
  /** Items that the collector refused of a batch that it took; they are counted already. */
  onRejected(count: number, reason: string): void
}

/** Connects to nothing yet. Undefined where the settings ask for no export. */
export function createRecordBatches(
  options: CreateRecordBatchesOptions,
): RecordBatches | undefined {
  const { signal, settings } = options
  const target = otlpTarget(settings, signal)
  if (!target) return undefined
  return new RecordBatches({
    ...options,
    ...limitsOf(settings, signal),
    transport: target.protocol === 'grpc' ? new GrpcTransport(target) : new HttpTransport(target),
  })
}

function limitsOf(settings: OtelSettings, signal: Signal) {
  const prefix = signal === 'spans' ? 'OTEL_BSP' : 'OTEL_BLRP'
  return {
    maxItems: settings[`${prefix}_MAX_EXPORT_BATCH_SIZE`],
    delayMillis: settings[`${prefix}_SCHEDULE_DELAY`],
    timeoutMillis: settings[`${prefix}_EXPORT_TIMEOUT`],
    maxWaitingItems: settings[`${prefix}_MAX_QUEUE_SIZE`],
  }
}
