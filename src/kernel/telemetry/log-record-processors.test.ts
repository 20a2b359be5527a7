import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'

import { ExportQueue } from './export-queue.ts'
import { GuardedRegistry } from './guarded-registry.ts'
import { QueuedLogRecordProcessor } from './log-record-processors.ts'
import { createLogger } from './logger.ts'
import { Outage } from './outage.ts'
import { createTelemetryMetrics } from './telemetry-metrics.ts'

describe('QueuedLogRecordProcessor', () => {
  it('passes records on and counts them', async () => {
    const { exporter, logger, samples } = queuedLogger(10)

    logger.emit({ body: 'one' })
    logger.emit({ body: 'two' })

    assert.deepEqual(
      exporter.getFinishedLogRecords().map(({ body }) => body),
      ['one', 'two'],
    )
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="logs"} 2',
      'telemetry_queue_length{signal="logs"} 2',
    ])
  })

  it('drops records while the queue is full, and counts them', async () => {
    const { exporter, logger, samples } = queuedLogger(1)

    logger.emit({ body: 'fits' })
    logger.emit({ body: 'too much' })
    logger.emit({ body: 'too much' })

    assert.deepEqual(
      exporter.getFinishedLogRecords().map(({ body }) => body),
      ['fits'],
    )
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="logs"} 3',
      'telemetry_dropped_total{signal="logs",reason="queue_full"} 2',
      'telemetry_queue_length{signal="logs"} 1',
    ])
  })

  it('takes records again when the queue has emptied', () => {
    const { exporter, logger, queue } = queuedLogger(1)
    logger.emit({ body: 'one' })
    logger.emit({ body: 'lost' })

    queue.leave(1)
    logger.emit({ body: 'two' })

    assert.deepEqual(
      exporter.getFinishedLogRecords().map(({ body }) => body),
      ['one', 'two'],
    )
  })

  it('passes a flush and the shutdown on', async () => {
    const calls: string[] = []
    const inner: LogRecordProcessor = {
      onEmit: () => {},
      forceFlush: async () => void calls.push('flush'),
      shutdown: async () => void calls.push('shutdown'),
    }
    const processor = new QueuedLogRecordProcessor(queueOf(10).queue, inner)
    const provider = new LoggerProvider({ processors: [processor] })

    await provider.forceFlush()
    await provider.shutdown()

    assert.deepEqual(calls, ['flush', 'shutdown'])
  })
})

function queueOf(limit: number) {
  const registry = new GuardedRegistry(100)
  const metrics = createTelemetryMetrics(registry)('logs')
  const logger = createLogger({ service: 'test', level: 'silent', pretty: false, otlp: false })
  const queue = new ExportQueue(limit, metrics, new Outage(logger, 'logs'))
  /** What a scraper reads, without comments and zeros. */
  async function samples(): Promise<string[]> {
    const text = await registry.metrics()
    return text.split('\n').filter((line) => /^[^#].* (?!0$)\S+$/.test(line))
  }
  return { queue, samples }
}

function queuedLogger(limit: number) {
  const { queue, samples } = queueOf(limit)
  const exporter = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({
    processors: [new QueuedLogRecordProcessor(queue, new SimpleLogRecordProcessor({ exporter }))],
  })
  return { exporter, logger: provider.getLogger('test'), queue, samples }
}
