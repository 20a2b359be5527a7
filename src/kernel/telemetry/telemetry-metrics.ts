import type { GuardedRegistry } from './guarded-registry.ts'

const signals = ['spans', 'logs'] as const
export type Signal = (typeof signals)[number]

const dropReasons = [
  /** More was made than the collector took in time. */
  'queue_full',
  /** The collector was away, or said no, until the batch's time was over. */
  'export_failed',
  /** The collector took the batch but refused some of it (OTLP's partial success). */
  'rejected',
] as const
export type DropReason = (typeof dropReasons)[number]

/** Telemetry about telemetry: what became of every span and log record. */
export interface SignalMetrics {
  created(): void
  exported(count: number): void
  dropped(reason: DropReason, count: number): void
  observeExport(seconds: number): void
  /** The queue shown is the sum of all that were named. */
  addQueue(length: () => number): void
}

export type TelemetryMetrics = (signal: Signal) => SignalMetrics

/** What was counted since somebody looked last: a request counts twice, and `inc` costs as much as the rest of it. */
interface Tally {
  created: number
  exported: number
  dropped: Record<DropReason, number>
  lastSuccessSeconds: number
  queues: (() => number)[]
}

export function createTelemetryMetrics(registry: GuardedRegistry): TelemetryMetrics {
  const tallies: Record<Signal, Tally> = { spans: newTally(), logs: newTally() }
  addCounters(registry, tallies)
  addGauges(registry, tallies)
  const duration = registry.histogram({
    name: 'telemetry_export_duration_seconds',
    help: 'Time to hand a batch to the collector, retries included.',
    labelNames: ['signal'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30],
  })
  // A series that begins with its first value shows no rate for it.
  for (const signal of signals) duration.zero({ signal })

  return function metricsOf(signal) {
    const tally = tallies[signal]
    return {
      created() {
        tally.created += 1
      },
      exported(count) {
        tally.exported += count
        tally.lastSuccessSeconds = Date.now() / 1000
      },
      dropped(reason, count) {
        tally.dropped[reason] += count
      },
      observeExport: (seconds) => duration.observe({ signal }, seconds),
      addQueue: (length) => tally.queues.push(length),
    }
  }
}

function newTally(): Tally {
  return {
    created: 0,
    exported: 0,
    dropped: { queue_full: 0, export_failed: 0, rejected: 0 },
    lastSuccessSeconds: 0,
    queues: [],
  }
}

function addCounters(registry: GuardedRegistry, tallies: Record<Signal, Tally>): void {
  registry.counter({
    name: 'telemetry_created_total',
    help: 'Spans and log records that were made to be exported; spans that are not sampled are not among them.',
    labelNames: ['signal'],
    collect() {
      for (const signal of signals) {
        this.inc({ signal }, tallies[signal].created)
        tallies[signal].created = 0
      }
    },
  })
  registry.counter({
    name: 'telemetry_exported_total',
    help: 'Spans and log records that the collector took.',
    labelNames: ['signal'],
    collect() {
      for (const signal of signals) {
        this.inc({ signal }, tallies[signal].exported)
        tallies[signal].exported = 0
      }
    },
  })
  registry.counter({
    name: 'telemetry_dropped_total',
    help: 'Spans and log records that were lost.',
    labelNames: ['signal', 'reason'],
    collect() {
      for (const signal of signals) {
        for (const reason of dropReasons) {
          this.inc({ signal, reason }, tallies[signal].dropped[reason])
          tallies[signal].dropped[reason] = 0
        }
      }
    },
  })
}

function addGauges(registry: GuardedRegistry, tallies: Record<Signal, Tally>): void {
  registry.gauge({
    name: 'telemetry_queue_length',
    help: 'Spans and log records that wait for their export.',
    labelNames: ['signal'],
    collect() {
      for (const signal of signals) {
        const length = tallies[signal].queues.reduce((sum, lengthOf) => sum + lengthOf(), 0)
        this.set({ signal }, length)
      }
    },
  })
  registry.gauge({
    name: 'telemetry_last_success_timestamp_seconds',
    help: 'When the collector last took a batch; 0 before the first.',
    labelNames: ['signal'],
    collect() {
      for (const signal of signals) this.set({ signal }, tallies[signal].lastSuccessSeconds)
    },
  })
}
