import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { diag } from '@opentelemetry/api'
import { globalErrorHandler, loggingErrorHandler, setGlobalErrorHandler } from '@opentelemetry/core'

import { logDiagnostics } from './diagnostics.ts'
import type { DiagnosticsOptions } from './diagnostics.ts'
import { createLogger } from './logger.ts'

afterEach(() => {
  diag.disable()
  setGlobalErrorHandler(loggingErrorHandler())
})

describe('logDiagnostics', () => {
  it('writes what the SDK says as log lines', () => {
    const { lines, records } = diagnosed({ level: 'all' })
    // The API itself says that it has a logger now.
    lines.length = 0

    diag.error('a', { detail: 1 })
    diag.warn('b')
    diag.info('c')
    diag.debug('d')
    diag.verbose('e')

    assert.deepEqual(
      records().map(({ level, msg, details }) => [level, msg, details]),
      [
        ['error', 'opentelemetry: a', [{ detail: 1 }]],
        ['warn', 'opentelemetry: b', undefined],
        ['info', 'opentelemetry: c', undefined],
        ['debug', 'opentelemetry: d', undefined],
        ['trace', 'opentelemetry: e', undefined],
      ],
    )
  })

  it('leaves out what is below the level', () => {
    const { records } = diagnosed({ level: 'error' })

    diag.warn('too low')
    diag.error('high enough')

    assert.deepEqual(
      records().map(({ msg }) => msg),
      ['opentelemetry: high enough'],
    )
  })

  it('writes nothing at the level none', () => {
    const { records } = diagnosed({ level: 'none' })

    diag.error('nobody hears this')

    assert.deepEqual(records(), [])
  })

  it('writes at most ten lines a minute and says how many it held back', (t) => {
    const clock = stopTheClock(t)
    const { records } = diagnosed({ level: 'warn' })
    for (let line = 0; line < 25; line += 1) diag.warn(`line ${line}`)
    const atFirst = records().length

    clock.advance(60_000)
    diag.warn('a minute later')

    assert.equal(atFirst, 10)
    assert.deepEqual(
      records()
        .slice(10)
        .map(({ msg, suppressed }) => [msg, suppressed]),
      [['opentelemetry: a minute later', 15]],
    )
  })

  it('tells how many spans a collector refused, and why', () => {
    const { records, rejected } = diagnosed()

    diag.warn(
      'Received Partial Success response:',
      '{"rejectedSpans":"3","errorMessage":"too old"}',
    )

    assert.deepEqual(rejected, [['spans', 3, 'too old']])
    assert.deepEqual(records(), [])
  })

  it('tells how many log records a collector refused', () => {
    const { rejected } = diagnosed()

    diag.warn('Received Partial Success response:', '{"rejectedLogRecords":2}')

    assert.deepEqual(rejected, [['logs', 2, 'no reason given']])
  })

  it('counts what a collector refused also where the SDK shall be silent', () => {
    const { rejected, records } = diagnosed({ level: 'none' })

    diag.warn('Received Partial Success response:', '{"rejectedSpans":1,"errorMessage":"no"}')
    diag.warn('something else')

    assert.deepEqual(rejected, [['spans', 1, 'no']])
    assert.deepEqual(records(), [])
  })

  it('counts what a collector refused also when ten lines were written', () => {
    const { rejected } = diagnosed()
    for (let line = 0; line < 20; line += 1) diag.warn(`line ${line}`)

    diag.warn('Received Partial Success response:', '{"rejectedSpans":1,"errorMessage":"no"}')

    assert.equal(rejected.length, 1)
  })

  it('writes the warning of a collector that took everything', () => {
    const { records, rejected } = diagnosed()

    diag.warn('Received Partial Success response:', '{"errorMessage":"clock is off"}')

    assert.deepEqual(rejected, [])
    assert.partialDeepStrictEqual(records(), [
      { level: 'warn', details: ['{"errorMessage":"clock is off"}'] },
    ])
  })

  it('tells of a failed batch only where debugging is wanted', () => {
    const { records } = diagnosed({ level: 'debug' })

    globalErrorHandler(new Error('connection refused'))

    assert.partialDeepStrictEqual(records(), [
      {
        level: 'debug',
        msg: 'opentelemetry: an export failed',
        details: [{ message: 'connection refused' }],
      },
    ])
  })

  it('does not repeat a failed batch at the usual level', () => {
    const { records } = diagnosed()

    globalErrorHandler(new Error('connection refused'))

    assert.deepEqual(records(), [])
  })
})

function diagnosed(options: Partial<DiagnosticsOptions> = {}) {
  const lines: string[] = []
  const rejected: unknown[][] = []
  const logger = createLogger({
    service: 'test',
    level: 'trace',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  logDiagnostics({
    logger,
    level: 'warn',
    onRejected: (...refusal) => void rejected.push(refusal),
    ...options,
  })
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { lines, records, rejected }
}

function stopTheClock(t: TestContext) {
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  return { advance: (millis: number) => void (now += millis) }
}
