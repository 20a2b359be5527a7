// oxlint-disable no-console
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'

import { captureConsole } from './console-capture.ts'
import { createLogger } from './logger.ts'

const original = { ...console }

afterEach(() => Object.assign(console, original))

describe('captureConsole', () => {
  it('turns what is printed into log lines of the fitting level', () => {
    const { records } = captured()

    console.debug('a')
    console.log('b')
    console.info('c')
    console.warn('d')
    console.error('e')
    console.trace('f')

    assert.deepEqual(
      records().map(({ level, msg }) => [level, msg]),
      [
        ['debug', 'a'],
        ['info', 'b'],
        ['info', 'c'],
        ['warn', 'd'],
        ['error', 'e'],
        ['debug', 'f'],
      ],
    )
  })

  it('formats as the console does', () => {
    const { records } = captured()

    console.log('%s has %d', 'ada', 3, { a: [1] })

    assert.deepEqual(
      records().map(({ msg }) => msg),
      ['ada has 3 { a: [ 1 ] }'],
    )
  })

  it('takes a text for what it is, not for a format', () => {
    const { records } = captured()

    console.log('100%d', 'x')
    console.log('50%s')

    assert.deepEqual(
      records().map(({ msg }) => msg),
      ['100NaN', '50%s'],
    )
  })

  it('writes a printed error with its stack', () => {
    const { records } = captured()
    const error = new TypeError('no')

    console.error(error)

    assert.partialDeepStrictEqual(records(), [
      { level: 'error', msg: 'no', err: { type: 'TypeError', stack: error.stack } },
    ])
  })

  it("leaves an error out that a request's own line tells", () => {
    const { records, recorded } = captured()
    const error = new Error('known')
    recorded.add(error)

    console.error(error)

    assert.deepEqual(records(), [])
  })

  it('writes an error that stands among other values', () => {
    const { records, recorded } = captured()
    const error = new Error('inside')
    recorded.add(error)

    console.error('it failed:', error)

    assert.match(String(records()[0]?.['msg']), /^it failed: Error: inside\n/)
  })
})

describe('captureConsole, of secrets', () => {
  it('takes them out of printed objects', () => {
    const { records } = captured()

    console.log('signed in', { user: 'ann', password: 'hunter2' })

    console.dir({ token: 'abc' })

    assert.equal(records()[0]?.['msg'], "signed in { user: 'ann', password: '[REDACTED]' }")
    assert.equal(records()[1]?.['msg'], "{ token: '[REDACTED]' }")
  })
})

function captured() {
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  const recorded = new WeakSet<Error>()
  captureConsole(logger, (error) => recorded.has(error))
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { records, recorded }
}
