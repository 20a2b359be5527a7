import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'

import { createLogger } from './logger.ts'
import type { Logger, LoggerOptions } from './logger.ts'
import { redacted } from './redaction.ts'

const exporter = new InMemoryLogRecordExporter()
const sdk = new NodeSDK({
  resourceDetectors: [],
  spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
  logRecordProcessors: [new SimpleLogRecordProcessor({ exporter })],
  metricReaders: [],
})

const { logger: earlyLogger } = loggerOnPaper()

before(() => sdk.start())
afterEach(() => exporter.reset())
after(() => sdk.shutdown())

describe('createLogger', () => {
  it('writes one line of JSON a record', () => {
    const { logger, lines } = loggerOnPaper()

    logger.info({ port: 8080 }, 'listening')

    const record = JSON.parse(lines.join('')) as Record<string, unknown>
    const { time, ...rest } = record
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 5000)
    assert.deepEqual(rest, { level: 'info', service: 'greeting', port: 8080, msg: 'listening' })
    assert.ok(lines[0]?.endsWith('}\n'))
  })

  it('keeps a record apart from what its output logs before it is written', () => {
    const lines: string[] = []
    const logger = createLogger({
      service: 'greeting',
      level: 'info',
      pretty: false,
      otlp: true,
      destination: {
        write(line) {
          if (line.includes('outer')) logger.warn({ inside: true }, 'inner')
          lines.push(line)
        },
      },
    })

    logger.info({ outside: true }, 'outer')

    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['inner', 'outer'],
    )
    assert.deepEqual(
      otlpRecords().map(({ body, severityText, attributes }) => [body, severityText, attributes]),
      [
        ['inner', 'warn', { inside: true }],
        ['outer', 'info', { outside: true }],
      ],
    )
  })

  it('writes levels as words', () => {
    const { logger, records } = loggerOnPaper({ level: 'trace' })

    logger.trace('a')
    logger.debug('b')
    logger.info('c')
    logger.warn('d')
    logger.error('e')
    logger.fatal('f')

    assert.deepEqual(
      records().map(({ level }) => level),
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    )
  })

  it('leaves out what is below its level, in both copies', () => {
    const { logger, records } = loggerOnPaper({ level: 'warn' })

    logger.info('too low')
    logger.child({ a: 1 }).info('too low as well')
    logger.warn('high enough')

    assert.deepEqual(
      records().map(({ msg }) => msg),
      ['high enough'],
    )
    assert.deepEqual(
      otlpRecords().map(({ body }) => body),
      ['high enough'],
    )
  })

  it('sends a fatal line off at once', () => {
    const calls: string[] = []
    const logger = createLogger({
      service: 'greeting',
      level: 'info',
      pretty: false,
      otlp: false,
      destination: {
        write: (line) => calls.push((JSON.parse(line) as { msg: string }).msg),
        flushSync: () => calls.push('flushed'),
      },
    })

    logger.error('an error')
    logger.fatal('the end')

    assert.deepEqual(calls, ['an error', 'the end', 'flushed'])
  })

  it('carries no ids outside of a span', () => {
    const { logger, records } = loggerOnPaper()

    logger.info('alone')

    assert.equal('trace_id' in records()[0]!, false)
    assert.equal(otlpRecords()[0]?.spanContext, undefined)
  })

  it('carries the ids of the active span', () => {
    const { logger, records } = loggerOnPaper()

    const { traceId, spanId } = inSpan((span) => {
      logger.info('below')
      return span.spanContext()
    })

    assert.partialDeepStrictEqual(records(), [{ trace_id: traceId, span_id: spanId }])
    assert.partialDeepStrictEqual(otlpRecords()[0]?.spanContext, { traceId, spanId })
  })

  it('carries the ids of the active span after an await', async () => {
    const { logger, records } = loggerOnPaper()

    const { traceId, spanId } = await inSpan(async (span) => {
      await sleep(1)
      logger.child({ step: 2 }).info('later')
      return span.spanContext()
    })

    assert.partialDeepStrictEqual(records(), [{ trace_id: traceId, span_id: spanId, step: 2 }])
    assert.partialDeepStrictEqual(otlpRecords()[0]?.spanContext, { traceId, spanId })
  })

  it('takes secrets out of the record, in both copies', () => {
    const { logger, lines, records } = loggerOnPaper()

    logger.info({ user: { name: 'ada', password: 'hunter2' }, token: 'hunter2' }, 'login')

    const fields = { user: { name: 'ada', password: redacted }, token: redacted }
    assert.partialDeepStrictEqual(records(), [fields])
    assert.deepEqual(otlpRecords()[0]?.attributes, fields)
    assert.doesNotMatch(lines.join(''), /hunter2/)
  })

  it("takes secrets out of a child's bindings, in both copies", () => {
    const { logger, lines, records } = loggerOnPaper()

    logger.child({ peer: { host: 'x', apiKey: 'hunter2' } }).info('dialled')

    const fields = { peer: { host: 'x', apiKey: redacted } }
    assert.partialDeepStrictEqual(records(), [fields])
    assert.deepEqual(otlpRecords()[0]?.attributes, fields)
    assert.doesNotMatch(lines.join(''), /hunter2/)
  })

  it("takes secrets out of the bindings of a child's child, in both copies", () => {
    const { logger, lines, records } = loggerOnPaper()
    const child = logger.child({ queue: 'mail' }).child({ session: 'hunter2' }, { msgPrefix: '> ' })

    child.info({ pin: 'hunter2', size: 3 }, 'sent')

    const fields = { queue: 'mail', session: redacted, pin: redacted, size: 3 }
    assert.partialDeepStrictEqual(records(), [{ ...fields, msg: '> sent' }])
    assert.deepEqual(otlpRecords()[0]?.attributes, fields)
    assert.equal(otlpRecords()[0]?.body, '> sent')
    assert.doesNotMatch(lines.join(''), /hunter2/)
  })

  it('takes secrets out of bindings that are set later, in both copies', () => {
    const { logger, lines, records } = loggerOnPaper()
    const child = logger.child({ queue: 'mail' })

    child.setBindings({ token: 'hunter2', attempt: 2 })
    child.info('sent')
    logger.info('not mine')

    const fields = { queue: 'mail', token: redacted, attempt: 2 }
    assert.partialDeepStrictEqual(records()[0], fields)
    assert.deepEqual(
      otlpRecords().map(({ attributes }) => attributes),
      [fields, {}],
    )
    assert.doesNotMatch(lines.join(''), /hunter2/)
  })

  it('keeps the bindings of siblings apart', () => {
    const { logger } = loggerOnPaper()
    const one = logger.child({ name: 'one' })
    const two = logger.child({ name: 'two' })

    two.info('from two')
    one.info('from one')
    logger.info('from the parent')

    assert.deepEqual(
      otlpRecords().map(({ attributes }) => attributes),
      [{ name: 'two' }, { name: 'one' }, {}],
    )
  })

  it('gives both copies the same fields, message, level and time', () => {
    const { logger, records } = loggerOnPaper()

    logger.child({ queue: 'mail' }).warn({ attempt: 3, tags: ['a', { b: null }], big: 2n }, 'slow')

    const { time, level, service: _service, msg, ...fields } = records()[0]!
    const copy = otlpRecords()[0]!
    assert.equal(hrTimeToMilliseconds(copy.hrTime), Date.parse(String(time)))
    assert.equal(copy.severityText, level)
    assert.equal(copy.body, msg)
    assert.deepEqual(copy.attributes, fields)
    assert.deepEqual(Object.keys(fields), ['queue', 'attempt', 'tags', 'big'])
  })

  it('writes an error with its type, message, stack and cause', () => {
    const { logger, records } = loggerOnPaper()
    const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), {
      code: 'E_OUTER',
      password: 'hunter2',
    })

    logger.error({ err: error }, 'failed')

    assert.partialDeepStrictEqual(records(), [
      {
        msg: 'failed',
        err: {
          type: 'TypeError',
          message: 'outer',
          stack: error.stack,
          code: 'E_OUTER',
          password: redacted,
          cause: { type: 'Error', message: 'inner' },
        },
      },
    ])
  })

  it('takes an error in place of a record', () => {
    const { logger, records } = loggerOnPaper()

    logger.error(Object.assign(new RangeError('too far'), { token: 'hunter2' }))

    assert.partialDeepStrictEqual(records(), [
      { msg: 'too far', err: { type: 'RangeError', message: 'too far', token: redacted } },
    ])
    assert.equal(otlpRecords()[0]?.body, 'too far')
    assert.partialDeepStrictEqual(otlpRecords()[0]?.attributes, {
      'exception.type': 'RangeError',
      err: { token: redacted },
    })
  })

  it('lets no control character forge a line, and the text stays the same', () => {
    const { logger, lines, records } = loggerOnPaper()
    const text = 'a\n{"level":"fatal"}\r\u2028b\u2029\u0085c\u009b31m\u001b[2Jd\u007f'

    logger.child({ [text]: text }).info({ [`${text}!`]: { [text]: [text] } }, text)

    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /^[ -~]+\n$/)
    assert.partialDeepStrictEqual(records(), [
      { [text]: text, [`${text}!`]: { [text]: [text] }, msg: text },
    ])
  })

  it('survives a record whose getter throws', () => {
    const { logger, records } = loggerOnPaper()
    const broken = {
      get value() {
        throw new Error('not now')
      },
    }

    logger.info(broken, 'still here')
    logger.child(broken).info('child too')

    assert.deepEqual(
      records().map(({ msg, record }) => [msg, record]),
      [
        ['still here', '[Unreadable]'],
        ['child too', '[Unreadable]'],
      ],
    )
  })

  it('takes secrets out of what is written into the text, in both copies', () => {
    const { logger, records } = loggerOnPaper()

    logger.info('signed in: %o', { user: 'ann', password: 'hunter2' })
    logger.info(
      { url: '/login?token=abc&next=/' },
      'fetching https://example.test/?api_key=xyz&a=1',
    )
    logger.error(new Error('GET /?secret=abc failed'))

    const written = JSON.stringify([
      records(),
      otlpRecords().map(({ body, attributes }) => [body, attributes]),
    ])
    assert.doesNotMatch(written, /hunter2|=abc|=xyz/)
    assert.deepEqual(
      records().map(({ msg }) => msg),
      otlpRecords().map(({ body }) => body),
    )
    assert.equal(records()[1]?.['url'], `/login?token=${redacted}&next=/`)
    assert.equal(records()[1]?.['msg'], `fetching https://example.test/?api_key=${redacted}&a=1`)
  })

  it('writes an error into a text as its stack', () => {
    const { logger, records } = loggerOnPaper()

    logger.error('failed: %s', new TypeError('why'))

    assert.match(String(records()[0]?.['msg']), /^failed: TypeError: why\n/)
  })

  it('lets no record take the place of the ids, the time or the level', () => {
    const { logger, lines, records } = loggerOnPaper()

    inSpan((span) => {
      logger.info({ trace_id: 'forged', time: 'never', level: 'loud' }, 'said')

      const [record] = records()
      assert.equal(record?.['trace_id'], span.spanContext().traceId)
      assert.equal(record?.['level'], 'info')
      assert.deepEqual([record?.['trace_id_'], record?.['time_']], ['forged', 'never'])
      assert.equal(lines[0]?.split('"time":').length, 2)
    })
  })

  it('emits nothing by OTLP if it shall not', () => {
    const { logger, records } = loggerOnPaper({ otlp: false })

    logger.info('here only')
    logger.child({ a: 1 }).error('here only')

    assert.equal(records().length, 2)
    assert.deepEqual(otlpRecords(), [])
  })

  it('emits by OTLP also where telemetry started after the logger was made', () => {
    earlyLogger.info({ early: true }, 'made before')

    assert.deepEqual(otlpRecords()[0]?.attributes, { early: true })
  })

  it('writes for people where that is asked for, and by OTLP all the same', () => {
    const { logger, lines } = loggerOnPaper({ pretty: true })

    logger.info({ port: 8080 }, 'listening')

    assert.match(lines.join(''), /INFO.*listening.*"port":8080/)
    assert.deepEqual(otlpRecords()[0]?.attributes, { port: 8080 })
  })
})

function loggerOnPaper(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const logger: Logger = createLogger({
    service: 'greeting',
    level: 'info',
    pretty: false,
    otlp: true,
    destination: { write: (line) => void lines.push(line) },
    ...options,
  })
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { logger, lines, records }
}

function otlpRecords() {
  return exporter.getFinishedLogRecords()
}

function inSpan<result>(work: (span: Span) => result): result {
  return trace.getTracer('test').startActiveSpan('work', (span) => {
    try {
      return work(span)
    } finally {
      span.end()
    }
  })
}
