import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ExportQueue } from './export-queue.ts'
import { GuardedRegistry } from './guarded-registry.ts'
import { createLogger } from './logger.ts'
import { Outage } from './outage.ts'
import { createTelemetryMetrics } from './telemetry-metrics.ts'

describe('ExportQueue', () => {
  it('admits up to its limit and refuses what comes then', async () => {
    const { queue, samples } = queueOf(2)

    const answers = [queue.admit(), queue.admit(), queue.admit()]

    assert.deepEqual(answers, [true, true, false])
    assert.equal(queue.length, 2)
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="spans"} 3',
      'telemetry_dropped_total{signal="spans",reason="queue_full"} 1',
      'telemetry_queue_length{signal="spans"} 2',
    ])
  })

  it('has room again when a batch left', async () => {
    const { queue, samples } = queueOf(2)
    queue.admit()
    queue.admit()

    queue.leave(2)

    assert.equal(queue.length, 0)
    assert.equal(queue.admit(), true)
    assert.ok((await samples()).includes('telemetry_queue_length{signal="spans"} 1'))
  })

  it('says once that it is full, and counts what was lost meanwhile', () => {
    const { queue, outage, records } = queueOf(1)
    queue.admit()

    queue.admit()
    queue.admit()
    outage.end()

    assert.partialDeepStrictEqual(records(), [
      { level: 'warn', reason: 'the queue is full' },
      { level: 'info', lost: 2 },
    ])
    assert.equal(records().length, 2)
  })

  it('counts what an export lost', async () => {
    const { queue, outage, records, samples } = queueOf(10)
    outage.begin('away')

    queue.lose('export_failed', 5)
    outage.end()

    assert.partialDeepStrictEqual(records().at(-1), { lost: 5 })
    assert.ok(
      (await samples()).includes(
        'telemetry_dropped_total{signal="spans",reason="export_failed"} 5',
      ),
    )
  })

  it('is relaxed again when it is half empty', () => {
    const { queue } = queueOf(4)
    queue.admit()
    queue.admit()
    queue.admit()
    const before = queue.relaxed

    queue.leave(1)

    assert.equal(before, false)
    assert.equal(queue.relaxed, true)
  })
})

function queueOf(limit: number) {
  const registry = new GuardedRegistry(100)
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  const outage = new Outage(logger, 'spans')
  const queue = new ExportQueue(limit, createTelemetryMetrics(registry)('spans'), outage)
  return {
    queue,
    outage,
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** What a scraper reads, without comments and zeros. */
    async samples() {
      const text = await registry.metrics()
      return text.split('\n').filter((line) => /^[^#].* (?!0$)\S+$/.test(line))
    },
  }
}
