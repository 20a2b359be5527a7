import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { trace } from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'

import { createLogger } from './logger.ts'
import { Outage } from './outage.ts'

const sdk = new NodeSDK({
  resourceDetectors: [],
  spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
  logRecordProcessors: [],
  metricReaders: [],
})

before(() => sdk.start())
after(() => sdk.shutdown())

describe('Outage', () => {
  it('says once that it began', () => {
    const { outage, records } = outageOf('spans')

    outage.begin('connection refused')
    outage.begin('still refused')

    const [record, ...others] = records()
    assert.partialDeepStrictEqual(record, {
      level: 'warn',
      msg: 'telemetry: spans do not leave',
      signal: 'spans',
      reason: 'connection refused',
    })
    assert.deepEqual(others, [])
  })

  it('says once that it is over, how long it was and what was lost', (t) => {
    let now = 1000
    t.mock.method(performance, 'now', () => now)
    const { outage, records } = outageOf('logs')
    outage.begin('away')
    outage.lost(3)
    outage.lost(4)

    now += 12_345
    outage.end()
    outage.end()

    assert.equal(records().length, 2)
    assert.partialDeepStrictEqual(records()[1], {
      level: 'info',
      msg: 'telemetry: logs leave again',
      signal: 'logs',
      outage_seconds: 12.3,
      lost: 7,
    })
  })

  it('says nothing at an end without a beginning', () => {
    const { outage, records } = outageOf('spans')

    outage.end()

    assert.deepEqual(records(), [])
  })

  it('counts each outage anew', () => {
    const { outage, records } = outageOf('spans')
    outage.begin('first')
    outage.lost(3)
    outage.end()

    outage.begin('second')
    outage.lost(1)
    outage.end()

    assert.deepEqual(
      records().map(({ reason, lost }) => reason ?? lost),
      ['first', 3, 'second', 1],
    )
  })

  it('carries no ids of the request that happened to run', () => {
    const { outage, logger, records } = outageOf('spans')

    trace.getTracer('test').startActiveSpan('a request', (span) => {
      logger.info("the request's own")
      outage.begin('away')
      outage.end()
      span.end()
    })

    assert.deepEqual(
      records().map((record) => 'trace_id' in record),
      [true, false, false],
    )
  })
})

function outageOf(signal: string) {
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { outage: new Outage(logger, signal), logger, records }
}
