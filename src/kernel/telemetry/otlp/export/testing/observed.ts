import { GuardedRegistry } from '../../../guarded-registry.ts'
import { createLogger } from '../../../logger.ts'
import { Outage } from '../../../outage.ts'
import { createTelemetryMetrics } from '../../../telemetry-metrics.ts'
import type { Signal } from '../../../telemetry-metrics.ts'

export interface Counts {
  created: number
  exported: number
  queueFull: number
  exportFailed: number
  rejected: number
  queueLength: number
  exports: number
}

/** The metrics and the outage of one signal, and how a test reads them. */
export function observed(signal: Signal = 'spans') {
  const registry = new GuardedRegistry(100)
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  return {
    metrics: createTelemetryMetrics(registry)(signal),
    outage: new Outage(logger, signal),
    /** What was said: the reason of an outage, or what was lost until its end. */
    said: () => {
      const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      return records.map(({ reason, lost }) => reason ?? lost)
    },
    async counts(): Promise<Counts> {
      const text = await registry.metrics()
      const valueOf = (series: string) => {
        const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
        return Number(line?.slice(series.length + 1))
      }
      const label = `signal="${signal}"`
      const dropped = (reason: string) =>
        valueOf(`telemetry_dropped_total{${label},reason="${reason}"}`)
      return {
        created: valueOf(`telemetry_created_total{${label}}`),
        exported: valueOf(`telemetry_exported_total{${label}}`),
        queueFull: dropped('queue_full'),
        exportFailed: dropped('export_failed'),
        rejected: dropped('rejected'),
        queueLength: valueOf(`telemetry_queue_length{${label}}`),
        exports: valueOf(`telemetry_export_duration_seconds_count{${label}}`),
      }
    },
  }
}
