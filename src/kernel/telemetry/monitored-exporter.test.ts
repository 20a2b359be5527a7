import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'

import { ExportQueue } from './export-queue.ts'
import { GuardedRegistry } from './guarded-registry.ts'
import { createLogger } from './logger.ts'
import { MonitoredExporter } from './monitored-exporter.ts'
import type { Exporter } from './monitored-exporter.ts'
import { Outage } from './outage.ts'
import { createTelemetryMetrics } from './telemetry-metrics.ts'

const success: ExportResult = { code: ExportResultCode.SUCCESS }
const unavailable = failure('connection refused', 14)
const unauthenticated = failure('who are you', 16)

describe('MonitoredExporter', () => {
  it('passes a batch on and counts it', async () => {
    const { exportBatch, attempts, records, samples } = monitored([success])

    const result = await exportBatch(['a', 'b'])

    assert.equal(result.code, ExportResultCode.SUCCESS)
    assert.deepEqual(attempts, [['a', 'b']])
    assert.deepEqual(records(), [])
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="spans"} 2',
      'telemetry_exported_total{signal="spans"} 2',
      'telemetry_export_duration_seconds_count{signal="spans"} 1',
    ])
  })

  it('takes a batch from the queue when its export begins, and knows it as pending until its end', async () => {
    const answers: ((result: ExportResult) => void)[] = []
    const { exporter, queue } = monitored([], { export: (_items, done) => void answers.push(done) })
    queue.admit()
    queue.admit()

    const { promise, resolve } = Promise.withResolvers<ExportResult>()
    exporter.export(['a', 'b'], resolve)
    const meanwhile = [queue.length, exporter.pending]
    answers[0]?.(success)
    await promise

    assert.deepEqual(meanwhile, [0, 2])
    assert.equal(exporter.pending, 0)
  })

  it('tries again what may work the next time', async (t) => {
    shortenBackoff(t)
    const { exportBatch, attempts, samples } = monitored([unavailable, success])
    const started = performance.now()

    const result = await exportBatch(['a'])

    assert.equal(result.code, ExportResultCode.SUCCESS)
    assert.deepEqual(attempts, [['a'], ['a']])
    assert.ok(performance.now() - started >= 390)
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="spans"} 1',
      'telemetry_exported_total{signal="spans"} 1',
      'telemetry_export_duration_seconds_count{signal="spans"} 1',
    ])
  })

  it('does not try again what the collector will never take', async () => {
    const { exportBatch, attempts, samples } = monitored([unauthenticated, success])

    const result = await exportBatch(['a', 'b'])

    assert.equal(result, unauthenticated)
    assert.equal(attempts.length, 1)
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="spans"} 2',
      'telemetry_dropped_total{signal="spans",reason="export_failed"} 2',
      'telemetry_export_duration_seconds_count{signal="spans"} 1',
    ])
  })

  it('does not try again an error without a code, or with one of HTTP', async () => {
    const { exportBatch, attempts } = monitored([failure('odd'), failure('gone', 503), success])

    await exportBatch(['a'])
    await exportBatch(['b'])

    assert.deepEqual(attempts, [['a'], ['b']])
  })

  it('gives up where the next attempt would come after the deadline', async (t) => {
    shortenBackoff(t)
    const { exportBatch, attempts } = monitored([unavailable, success], { timeoutMillis: 350 })
    const started = performance.now()

    const result = await exportBatch(['a'])

    assert.equal(result, unavailable)
    assert.equal(attempts.length, 1)
    assert.ok(performance.now() - started < 2000)
  })

  it('waits longer before each attempt, until the deadline', async (t) => {
    shortenBackoff(t)
    const { exportBatch, attempts } = monitored([unavailable, unavailable, success], {
      timeoutMillis: 900,
    })

    const result = await exportBatch(['a'])

    assert.equal(result, unavailable)
    assert.equal(attempts.length, 2)
  })

  it('says once that exports fail, and once that they work again and what was lost', async () => {
    const { exportBatch, records } = monitored([unauthenticated, unauthenticated, success, success])

    await exportBatch(['a', 'b'])
    await exportBatch(['c'])
    await exportBatch(['d'])
    await exportBatch(['e'])

    assert.deepEqual(
      records().map(({ level, msg, reason, lost }) => [level, msg, reason ?? lost]),
      [
        ['warn', 'telemetry: spans do not leave', 'who are you'],
        ['info', 'telemetry: spans leave again', 3],
      ],
    )
  })

  it('says at the first refusal that exports fail, and loses nothing if a retry works', async (t) => {
    shortenBackoff(t)
    const { exportBatch, records } = monitored([unavailable, success])

    await exportBatch(['a'])

    assert.partialDeepStrictEqual(records(), [
      { level: 'warn', reason: 'connection refused' },
      { level: 'info', lost: 0 },
    ])
  })

  it('does not call an outage over while the queue is still half full', async () => {
    const { exportBatch, queue, records } = monitored([unauthenticated, success, success])
    await exportBatch(['a'])
    for (let waiting = 0; waiting < 6; waiting += 1) queue.admit()

    await exportBatch(['b'])
    const afterFirst = records().length
    queue.leave(1)
    await exportBatch(['c'])

    assert.equal(afterFirst, 1)
    assert.partialDeepStrictEqual(records()[1], { msg: 'telemetry: spans leave again' })
  })

  it('takes an exporter that throws for one that fails', async () => {
    const { exportBatch, exporter, records } = monitored([], {
      export() {
        throw new Error('cannot be serialized')
      },
    })

    const result = await exportBatch(['a'])

    assert.equal(result.code, ExportResultCode.FAILED)
    assert.equal(exporter.pending, 0)
    assert.partialDeepStrictEqual(records(), [{ reason: 'cannot be serialized' }])
  })

  it('passes a flush and the shutdown on', async () => {
    const calls: string[] = []
    const { exporter } = monitored([], {
      forceFlush: async () => void calls.push('flush'),
      shutdown: async () => void calls.push('shutdown'),
    })

    await exporter.forceFlush()
    await exporter.shutdown()

    assert.deepEqual(calls, ['flush', 'shutdown'])
  })
})

/** Over a queue of ten and an exporter that answers with these results, one after the other. */
function monitored(
  results: ExportResult[],
  { timeoutMillis = 5000, ...methods }: Partial<Exporter<string>> & { timeoutMillis?: number } = {},
) {
  const registry = new GuardedRegistry(100)
  const metrics = createTelemetryMetrics(registry)('spans')
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  const outage = new Outage(logger, 'spans')
  const queue = new ExportQueue(10, metrics, outage)
  const attempts: string[][] = []
  const remaining = [...results]
  const inner: Exporter<string> = {
    export(items, done) {
      attempts.push(items)
      done(remaining.shift() ?? assert.fail('one attempt too many'))
    },
    shutdown: async () => {},
    ...methods,
  }
  const exporter = new MonitoredExporter({ exporter: inner, queue, metrics, outage, timeoutMillis })
  return {
    exporter,
    queue,
    attempts,
    exportBatch(items: string[]): Promise<ExportResult> {
      items.forEach(() => queue.admit())
      return new Promise((resolve) => exporter.export(items, resolve))
    },
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** The counts that a scraper reads, without zeros. */
    async samples() {
      const text = await registry.metrics()
      return text.split('\n').filter((line) => /^\w+(?:_total|_count)\{.* (?!0$)\S+$/.test(line))
    },
  }
}

/** Waits of 400, 600, ... milliseconds exactly; the exporter's own timer does not keep the process alive. */
function shortenBackoff(t: TestContext): void {
  t.mock.method(Math, 'random', () => 0)
  const keepAlive = setTimeout(() => {}, 10_000)
  t.after(() => clearTimeout(keepAlive))
}

function failure(message: string, code?: number): ExportResult {
  const error = Object.assign(new Error(message), code !== undefined && { code })
  return { code: ExportResultCode.FAILED, error }
}
