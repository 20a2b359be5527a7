import assert from 'node:assert/strict'
import { after, afterEach, describe, it } from 'node:test'

import { logs, SeverityNumber } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'

import { logRecordEmitter } from './log-record.ts'

const exporter = new InMemoryLogRecordExporter()
const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] })
logs.setGlobalLoggerProvider(provider)
const emit = logRecordEmitter()

afterEach(() => exporter.reset())
after(async () => {
  logs.disable()
  await provider.shutdown()
})

describe('logRecordEmitter', () => {
  it('emits time, level, message and fields', () => {
    emit({ timeMillis: 1_700_000_000_123, level: 30, message: 'listening', fields: { port: 8080 } })

    const record = onlyRecord()
    assert.equal(hrTimeToMilliseconds(record.hrTime), 1_700_000_000_123)
    assert.equal(record.severityNumber, SeverityNumber.INFO)
    assert.equal(record.severityText, 'info')
    assert.equal(record.body, 'listening')
    assert.deepEqual(record.attributes, { port: 8080 })
    assert.equal(record.instrumentationScope.name, 'plainsight')
  })

  it("gives each of pino's levels its severity", () => {
    emitAt(10)
    emitAt(20)
    emitAt(30)
    emitAt(40)
    emitAt(50)
    emitAt(60)

    assert.deepEqual(
      exporter
        .getFinishedLogRecords()
        .map((record) => [record.severityNumber, record.severityText]),
      [
        [SeverityNumber.TRACE, 'trace'],
        [SeverityNumber.DEBUG, 'debug'],
        [SeverityNumber.INFO, 'info'],
        [SeverityNumber.WARN, 'warn'],
        [SeverityNumber.ERROR, 'error'],
        [SeverityNumber.FATAL, 'fatal'],
      ],
    )
  })

  it('names the parts of an error as the semantic conventions do', () => {
    const err = { type: 'TypeError', message: 'no', stack: 'TypeError: no\n    at x', code: 'E_NO' }

    emit({ timeMillis: 1, level: 50, message: 'failed', fields: { step: 1, err } })

    assert.deepEqual(onlyRecord().attributes, {
      step: 1,
      'exception.type': 'TypeError',
      'exception.message': 'no',
      'exception.stacktrace': 'TypeError: no\n    at x',
      err: { code: 'E_NO' },
    })
  })

  it('adds no empty err where an error has nothing more to say', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no' }

    emit({ timeMillis: 1, level: 50, message: 'failed', fields: { err } })

    assert.equal('err' in onlyRecord().attributes, false)
  })

  it('keeps an err that is no error', () => {
    emit({ timeMillis: 1, level: 50, message: 'failed', fields: { err: 'just text' } })

    assert.deepEqual(onlyRecord().attributes, { err: 'just text' })
  })

  it('leaves the ids to the context of the record', () => {
    emit({ timeMillis: 1, level: 30, message: 'x', fields: { trace_id: 'a', span_id: 'b' } })

    assert.deepEqual(onlyRecord().attributes, {})
  })

  it('has an empty body where there is no message', () => {
    emit({ timeMillis: 1, level: 30, message: undefined, fields: { port: 1 } })

    assert.equal(onlyRecord().body, '')
  })
})

function emitAt(level: number): void {
  emit({ timeMillis: 1, level, message: 'x', fields: {} })
}

function onlyRecord() {
  const records = exporter.getFinishedLogRecords()
  assert.equal(records.length, 1)
  return records[0]!
}
