import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { GuardedRegistry } from './guarded-registry.ts'
import { createTelemetryMetrics } from './telemetry-metrics.ts'

describe('createTelemetryMetrics', () => {
  it('shows every series from the start, at zero', async () => {
    const registry = new GuardedRegistry(100)

    createTelemetryMetrics(registry)

    const lines = (await samples(registry)).filter((line) => !line.includes('_bucket'))
    assert.deepEqual(lines, [
      'telemetry_created_total{signal="spans"} 0',
      'telemetry_created_total{signal="logs"} 0',
      'telemetry_exported_total{signal="spans"} 0',
      'telemetry_exported_total{signal="logs"} 0',
      'telemetry_dropped_total{signal="spans",reason="queue_full"} 0',
      'telemetry_dropped_total{signal="spans",reason="export_failed"} 0',
      'telemetry_dropped_total{signal="spans",reason="rejected"} 0',
      'telemetry_dropped_total{signal="logs",reason="queue_full"} 0',
      'telemetry_dropped_total{signal="logs",reason="export_failed"} 0',
      'telemetry_dropped_total{signal="logs",reason="rejected"} 0',
      'telemetry_queue_length{signal="spans"} 0',
      'telemetry_queue_length{signal="logs"} 0',
      'telemetry_last_success_timestamp_seconds{signal="spans"} 0',
      'telemetry_last_success_timestamp_seconds{signal="logs"} 0',
      'telemetry_export_duration_seconds_sum{signal="spans"} 0',
      'telemetry_export_duration_seconds_count{signal="spans"} 0',
      'telemetry_export_duration_seconds_sum{signal="logs"} 0',
      'telemetry_export_duration_seconds_count{signal="logs"} 0',
    ])
  })

  it('counts what was made, exported and lost, for each signal apart', async () => {
    const registry = new GuardedRegistry(100)
    const metricsOf = createTelemetryMetrics(registry)

    metricsOf('spans').created()
    metricsOf('spans').created()
    metricsOf('spans').exported(5)
    metricsOf('spans').dropped('rejected', 3)
    metricsOf('logs').created()
    metricsOf('logs').dropped('queue_full', 4)

    const lines = await samples(registry)
    assert.deepEqual(
      lines.filter((line) => /_total/.test(line) && !line.endsWith(' 0')),
      [
        'telemetry_created_total{signal="spans"} 2',
        'telemetry_created_total{signal="logs"} 1',
        'telemetry_exported_total{signal="spans"} 5',
        'telemetry_dropped_total{signal="spans",reason="rejected"} 3',
        'telemetry_dropped_total{signal="logs",reason="queue_full"} 4',
      ],
    )
  })

  it('shows how long all queues of a signal are now', async () => {
    const registry = new GuardedRegistry(100)
    const spans = createTelemetryMetrics(registry)('spans')
    let length = 7
    spans.addQueue(() => length)
    spans.addQueue(() => 10)

    length = 2

    assert.ok((await samples(registry)).includes('telemetry_queue_length{signal="spans"} 12'))
  })

  it('measures exports', async () => {
    const registry = new GuardedRegistry(100)
    const logs = createTelemetryMetrics(registry)('logs')

    logs.observeExport(0.2)
    logs.observeExport(20)

    const lines = await samples(registry)
    assert.ok(lines.includes('telemetry_export_duration_seconds_bucket{le="0.1",signal="logs"} 0'))
    assert.ok(lines.includes('telemetry_export_duration_seconds_bucket{le="0.5",signal="logs"} 1'))
    assert.ok(lines.includes('telemetry_export_duration_seconds_count{signal="logs"} 2'))
    assert.ok(lines.includes('telemetry_export_duration_seconds_count{signal="spans"} 0'))
  })

  it('remembers when the collector last took a batch', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_500 })
    const registry = new GuardedRegistry(100)

    createTelemetryMetrics(registry)('logs').exported(1)

    const lines = await samples(registry)
    assert.ok(
      lines.includes('telemetry_last_success_timestamp_seconds{signal="logs"} 1700000000.5'),
    )
    assert.ok(lines.includes('telemetry_last_success_timestamp_seconds{signal="spans"} 0'))
  })
})

/** What a scraper reads, without comments. */
async function samples(registry: GuardedRegistry): Promise<string[]> {
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
