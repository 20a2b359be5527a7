import type { GuardedRegistry } from './guarded-registry.ts'

const signals = ['spans', 'logs'] as const
export type Signal = (typeof signals)[number]

export type DropReason =
  /** More was made than the collector took in time. */
  | 'queue_full'
  /** The collector was away, or said no, until the batch's time was over. */
  | 'export_failed'
  /** The collector took the batch but refused some of it (OTLP's partial success). */
  | 'rejected'

const dropReasons: DropReason[] = ['queue_full', 'export_failed', 'rejected']

/** Telemetry about telemetry: what became of every span and log record. */
export interface SignalMetrics {
  created(): void
  exported(count: number): void
  dropped(reason: DropReason, count: number): void
  observeExport(seconds: number): void
  queueLength(length: number): void
}

export type TelemetryMetrics = (signal: Signal) => SignalMetrics

export function createTelemetryMetrics(registry: GuardedRegistry): TelemetryMetrics {
  const created = registry.counter({
    name: 'telemetry_created_total',
    help: 'Spans and log records that were made to be exported; spans that are not sampled are not among them.',
    labelNames: ['signal'],
  })
  const exported = registry.counter({
    name: 'telemetry_exported_total',
    help: 'Spans and log records that the collector took.',
    labelNames: ['signal'],
  })
  const dropped = registry.counter({
    name: 'telemetry_dropped_total',
    help: 'Spans and log records that were lost.',
    labelNames: ['signal', 'reason'],
  })
  const queueLength = registry.gauge({
    name: 'telemetry_queue_length',
    help: 'Spans and log records that wait for their export.',
    labelNames: ['signal'],
  })
  const duration = registry.histogram({
    name: 'telemetry_export_duration_seconds',
    help: 'Time to hand a batch to the collector, retries included.',
    labelNames: ['signal'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30],
  })
  const lastSuccess = registry.gauge({
    name: 'telemetry_last_success_timestamp_seconds',
    help: 'When the collector last took a batch; 0 before the first.',
    labelNames: ['signal'],
  })

  // A series that begins with its first loss shows no rate for it: all of them exist from the start.
  for (const signal of signals) {
    created.inc({ signal }, 0)
    exported.inc({ signal }, 0)
    queueLength.set({ signal }, 0)
    lastSuccess.set({ signal }, 0)
    duration.zero({ signal })
    for (const reason of dropReasons) dropped.inc({ signal, reason }, 0)
  }

  return function metricsOf(signal) {
    return {
      created: () => created.inc({ signal }),
      exported(count) {
        exported.inc({ signal }, count)
        lastSuccess.set({ signal }, Date.now() / 1000)
      },
      dropped: (reason, count) => dropped.inc({ signal, reason }, count),
      observeExport: (seconds) => duration.observe({ signal }, seconds),
      queueLength: (length) => queueLength.set({ signal }, length),
    }
  }
}
