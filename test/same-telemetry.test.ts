// Whichever recorder is in use, the same requests leave the same telemetry: both record them, and all that they leave
// is compared, field by field and type by type, lines and expositions byte for byte.
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { describe, it } from 'node:test'

import { context, logs, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import type { AttributeValue, Span } from '@opentelemetry/api'

import { ServiceError } from '../src/kernel/errors.ts'
import { AccessLog } from '../src/kernel/telemetry/lean/access-log.ts'
import { FullSpans } from '../src/kernel/telemetry/lean/full-spans.ts'
import type { Ask } from './support/recorders/http-client.ts'
import type { WireRecord } from './support/recorders/left-telemetry.ts'
import type { Act } from './support/recorders/parcel-routes.ts'
import { leftByBoth } from './support/recorders/recorder-pair.ts'
import type { Drive, PairSetup } from './support/recorders/recorder-pair.ts'

const callersTrace = '0af7651916cd43dd8448eb211c80319c'
const callersSpan = 'b7ad6b7169203331'
const sampledParent = `00-${callersTrace}-${callersSpan}-01`
const unsampledParent = `00-${callersTrace}-${callersSpan}-00`

describe('requests and answers', () => {
  both('an ordinary one', asking('/parcels/1'), (left) => {
    assert.equal(left.lines.length, 1)
    assert.equal(left.spans.length, 1)
    assert.equal(left.records.length, 1)
  })

  both('several of a kind, and one of another', asking('/parcels/1', '/parcels/2', '/stream'))

  both('one that two handlers match', asking('/parcels/special', '/parcels/plain'), (left) => {
    assert.deepEqual(namesOf(left.spans), ['GET /parcels/:id', 'GET /parcels/special'])
  })

  both('404, by nobody and by a handler', asking('/nowhere/at/all', '/parcels/5/missing'))

  both('405', asking({ method: 'DELETE', path: '/parcels/5' }), (left) => {
    assert.deepEqual(namesOf(left.spans), ['DELETE'])
  })

  both('HEAD', asking({ method: 'HEAD', path: '/parcels/5' }, { method: 'HEAD', path: '/no' }))

  both(
    'POST with a body',
    asking({ method: 'POST', path: '/parcels', body: '{"sender":"teal"}' }, post('/upload', 2048)),
  )

  both('a body that is no JSON', asking({ method: 'POST', path: '/parcels', body: '{' }))

  both('a body over the limit', asking(post('/upload', 1001), post('/limited', 11)), undefined, {
    env: { MAX_BODY_BYTES: '1000' },
  })

  for (const status of [200, 201, 204, 301, 304, 400, 404, 418, 429, 499, 500, 502, 503, 599]) {
    both(`an answer of ${status}`, asking(`/status/${status}`))
  }

  for (const method of ['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'M-SEARCH']) {
    both(method, asking({ method, path: '/parcels/5' }, { method, path: '/nowhere' }))
  }

  both('a stream', asking('/stream'))

  both('a client that leaves before its answer', leaving('/never', 'unanswered'), (left) => {
    assert.match(left.lines[0] ?? '', /unanswered/)
  })

  both('a client that leaves in the middle of its answer', leaving('/endless', 'answered'))

  both('a stream that breaks off', async ({ ask, port }) => {
    await assert.rejects(ask('/broken-stream'), `port ${port}`)
    await ask('/parcels/after')
  })

  both('a wildcard route', asking('/files/a/b/c', '/files/'))
})

describe('failures', () => {
  const bugs = ['/bug', '/bug/async', '/bug/text', '/bug/speechless', '/bug/stackless']
  for (const path of bugs) {
    both(`a bug at ${path}`, asking(path), ({ spans: [span] }) => {
      assert.partialDeepStrictEqual(span, {
        status: { code: 'ERROR' },
        events: [{ name: 'exception' }],
      })
    })
  }

  both('a bug with a cause', asking('/bug/cause'))

  both('errors that are expected', asking('/expected', '/unavailable'))

  both(
    'an error that is told of an answer that is none',
    asking('/told'),
    ({ lines: [line] }) => assert.match(line ?? '', /"level":"error"/),
    acting('/told', ({ record }) => record.fail(new TypeError('told'))),
  )

  both(
    'an expected error of an answer that is good',
    asking('/told'),
    ({ lines: [line] }) => assert.match(line ?? '', /"problem.code":"so-what"/),
    acting('/told', ({ record }) => record.fail(new ServiceError('conflict', 'so-what', 'So.'))),
  )

  both(
    'a bug that shows only when its client has left',
    async ({ leave }) => {
      await leave('/late', 'unanswered')
      await new Promise((resolve) => setTimeout(resolve, 20))
    },
    ({ lines }) => assert.match(lines[1] ?? '', /failed after its client had left/),
    acting('/late', async ({ c }) => {
      await new Promise((resolve) => c.env.outgoing.once('close', resolve))
      throw new RangeError('too late')
    }),
  )
})

describe('what is in a request', () => {
  const paths = [
    '/',
    '/parcels/"quoted"',
    "/parcels/it's",
    '/parcels/%22%0a%e2%82%ac%00%zz',
    '/parcels/a:b',
    '/parcels/a=b',
    '/parcels/a;token=abc&x=1',
    '/parcels/&token=abc',
    '/parcels/back\\slash',
    '/parcels/tilde~!$*+,-._@|^`{}[]<>()',
    '/parcels/https://me:secret@host/',
    '/parcels/cookie:abc',
    '/parcels/authorization:%20Bearer%20abc',
    '/parcels//double//slashes',
    '/parcels/./dots/../more',
    '/parcels/7#fragment?x=1',
    '/parcels/%7e%7f',
    `/parcels/${'x'.repeat(11)}`,
    `/parcels/${'x'.repeat(127)}`,
    `/parcels/${'x'.repeat(128)}`,
    `/parcels/${'y'.repeat(8192)}`,
    `/parcels/${'"'.repeat(4096)}`,
  ]
  for (const path of paths) {
    both(`the path ${path.slice(0, 40)} (${path.length})`, asking(path))
  }

  both(
    'a path and a user agent of megabytes',
    asking({
      path: `/parcels/${'x'.repeat(2_200_000)}?${'y'.repeat(100)}`,
      headers: { 'user-agent': 'z'.repeat(100) },
    }),
    undefined,
    { env: { MAX_HEADER_BYTES: '5000000' } },
  )

  both('so much of it that several buffers are filled to their end', async ({ ask }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let index = 0; index < 400; index += 1) {
      const long = 'x'.repeat((index * 997) % 7000)
      await ask({ path: index % 3 === 0 ? `/parcels/${long}` : `/parcels/1?${long}`, agent })
    }
    agent.destroy()
  })

  const queries = [
    '?',
    '?a',
    '?a=1&b=2',
    '?token=abc&Colour=teal&api_key=xyz',
    '?to%6ben=abc&%zz=1',
    '?X-Amz-Signature=abc&password',
    '?url=https://me:secret@host/?token=x',
    '?q=größe'.normalize('NFD').replaceAll(/[^ -~]/g, encodeURIComponent),
    '?a="\'\\',
    '?a=1?b=2#c',
    `?long=${'z'.repeat(6000)}`,
  ]
  for (const query of queries) {
    both(`the query ${query.slice(0, 40)}`, asking(`/parcels/1${query}`, `/nowhere${query}`))
  }

  const userAgents = [
    '',
    ' ',
    'curl/8',
    'Mozilla/5.0 (X11; "Linux") \\ AppleWebKit',
    'Authorization: Bearer abc',
    'größe\u00ff',
    '\u0080\u0085\u009b',
    '\ttab',
    'x'.repeat(127),
    'x'.repeat(128),
    'ü'.repeat(64),
    'x'.repeat(7000),
  ]
  for (const userAgent of userAgents) {
    both(
      `the user agent ${JSON.stringify(userAgent.slice(0, 30))} (${userAgent.length})`,
      asking({ path: '/parcels/1', headers: { 'user-agent': userAgent } }),
    )
  }

  const hosts = [
    'parcels.test',
    'parcels.test:80',
    'parcels.test:443',
    'parcels.test:65535',
    'UPPER.test:0',
    '127.0.0.1:8080',
    '[::1]',
    '[::1]:8080',
    '[2001:db8::1]:443',
    ':8080',
  ]
  for (const host of hosts) {
    both(`the host ${host}`, asking({ path: '/parcels/1', headers: { host } }))
  }

  both('a host that is none is no request', async ({ ask }) => {
    assert.equal((await ask({ path: '/', headers: { host: 'a b' } })).status, 400)
    await ask('/parcels/1')
  })

  both('HTTP/1.0, with a host and without', async ({ send }) => {
    assert.match(await send('GET /parcels/1 HTTP/1.0\r\n\r\n'), / 200 /)
    assert.match(await send('GET /parcels/2 HTTP/1.0\r\nHost: old.test\r\n\r\n'), / 200 /)
  })

  both('a host that is empty', async ({ send }) => {
    const answer = await send('GET /parcels/1 HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')
    assert.match(answer, / 200 /)
  })

  both('both versions of HTTP on one connection', async ({ send }) => {
    const answers = await send(
      'GET /parcels/1 HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n' +
        'GET /parcels/2 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n',
    )
    assert.equal(answers.split('HTTP/1.1 200').length, 3)
  })

  both('targets that are absolute', async ({ send }) => {
    const end = 'HTTP/1.1\r\nHost: real.test\r\nConnection: close\r\n\r\n'
    await send(`GET http://other.test:81/parcels/1?token=abc ${end}`)
    await send(`GET http://me:pw@other.test/parcels/1 ${end}`)
    await send(`OPTIONS * ${end}`)
    await send(`GET parcels/1 ${end}`)
    await send(`GET //parcels/1 ${end}`)
    await send(`GET ?x=1 ${end}`)
  })

  both('bytes that are no ASCII, in target and headers', async ({ send }) => {
    const end = 'HTTP/1.1\r\nHost: real.test\r\nConnection: close\r\n'
    await send(`GET /parcels/größe?größe=ü ${end}User-Agent: größe\r\n\r\n`)
    await send(Buffer.from(`GET /parcels/\u0085\u009b\u00ff ${end}\r\n`, 'latin1'))
    await send(`GET /parcels/a\tb ${end}\r\n`)
    await send(`GET /parcels/\u007f ${end}\r\n`)
  })

  both('what is no request at all', async ({ send, ask }) => {
    assert.match(await send('\u007fgarbage\r\n\r\n'), / 400 /)
    await ask('/parcels/1')
  })

  both('requests that do not wait for each other', async ({ send }) => {
    const path = (id: number) => `GET /parcels/${id} HTTP/1.1\r\nHost: a.test\r\n`
    const answers = await send(`${path(1)}\r\n${path(2)}\r\n${path(3)}Connection: close\r\n\r\n`)
    assert.equal(answers.split('HTTP/1.1 200').length, 4)
  })

  both('requests of one connection that say different things of themselves', async ({ ask }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const saying = (headers: Record<string, string>) => ask({ path: '/parcels/1', agent, headers })
    await saying({ 'user-agent': 'one', host: 'a.test' })
    await saying({ 'user-agent': 'one', host: 'a.test' })
    await saying({ 'user-agent': 'two', host: 'a.test' })
    await saying({ 'user-agent': 'two', host: 'b.test' })
    await saying({ host: 'b.test' })
    await saying({ 'user-agent': 'one', host: 'b.test:1' })
    agent.destroy()
  })
})

describe('proxies', () => {
  const forwarded = [
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-for': '203.0.113.9, 10.0.0.7' },
    { 'x-forwarded-for': '203.0.113.9:1234, [2001:db8::7]:443', 'x-forwarded-proto': 'https' },
    { 'x-forwarded-for': 'nonsense', 'x-forwarded-proto': 'gopher' },
    { 'x-forwarded-for': '2001:db8::7', 'x-forwarded-proto': 'http' },
    { 'x-forwarded-for': 'fe80::1%eth0' },
    { 'x-forwarded-for': 'fe80::1%cookie:abc' },
    { 'x-forwarded-proto': 'https', host: 'secure.test' },
  ]
  for (const headers of forwarded) {
    const ask = asking({ path: '/parcels/1', headers })
    both(`not trusted: ${JSON.stringify(headers)}`, ask)
    both(`trusted: ${JSON.stringify(headers)}`, ask, undefined, {
      env: { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' },
    })
  }

  both(
    'trusted: the clients of one connection differ',
    async ({ ask }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (const client of ['203.0.113.1', '203.0.113.1', '203.0.113.2', '2001:db8::7']) {
        await ask({ path: '/parcels/1', agent, headers: { 'x-forwarded-for': client } })
        await ask({
          path: '/parcels/1',
          agent,
          headers: { 'x-forwarded-for': client, 'x-forwarded-proto': 'https' },
        })
      }
      agent.destroy()
    },
    undefined,
    { env: { TRUSTED_PROXIES: '127.0.0.0/8' } },
  )
})

describe('callers', () => {
  const contexts: Record<string, string>[] = [
    { traceparent: sampledParent },
    { traceparent: unsampledParent },
    { traceparent: sampledParent, tracestate: 'vendor=1,other=2' },
    { traceparent: unsampledParent, tracestate: 'vendor=1' },
    { traceparent: sampledParent, tracestate: '' },
    { traceparent: sampledParent, tracestate: 'not a state' },
    { traceparent: `01-${callersTrace}-${callersSpan}-03-more` },
    { traceparent: `00-${callersTrace}-${callersSpan}-ff` },
    { tracestate: 'vendor=1' },
    { baggage: 'tenant=blue' },
    { traceparent: sampledParent, baggage: 'tenant=blue,colour=teal;p=1' },
    { traceparent: 'garbage' },
    { traceparent: `00-${'0'.repeat(32)}-${callersSpan}-01` },
    { traceparent: `00-${callersTrace}-${'0'.repeat(16)}-01` },
    { traceparent: `ff-${callersTrace}-${callersSpan}-01` },
    { traceparent: `00-${callersTrace.toUpperCase()}-${callersSpan}-01` },
  ]
  for (const headers of contexts) {
    const ask = asking({ path: '/parcels/1', headers }, { path: '/bug', headers })
    both(`continued: ${JSON.stringify(headers)}`, ask)
    both(`linked: ${JSON.stringify(headers)}`, ask, undefined, {
      env: { INCOMING_TRACE_CONTEXT: 'link' },
    })
  }

  both(
    'a parent and its flags are shown',
    asking({ path: '/parcels/1', headers: { traceparent: sampledParent } }),
    ({ spans: [span] }) => {
      assert.equal(span?.['parentSpanId'], callersSpan)
      assert.equal(span['flags'], 0x301)
    },
  )

  const b3 = [
    { b3: `${callersTrace}-${callersSpan}-1` },
    { b3: `${callersTrace}-${callersSpan}-d` },
    // Its propagator takes capitals as they are.
    { 'x-b3-traceid': callersTrace.toUpperCase(), 'x-b3-spanid': callersSpan.toUpperCase() },
    { b3: '0' },
    { 'x-b3-traceid': callersTrace, 'x-b3-spanid': callersSpan, 'x-b3-sampled': '1' },
    { 'x-b3-traceid': callersTrace, 'x-b3-spanid': callersSpan, 'x-b3-flags': '1' },
    { traceparent: sampledParent },
  ]
  for (const headers of b3) {
    for (const propagators of ['b3', 'b3multi', 'b3,tracecontext', 'none']) {
      both(
        `by ${propagators}: ${JSON.stringify(headers)}`,
        asking({ path: '/parcels/1', headers }),
        undefined,
        { env: { OTEL_PROPAGATORS: propagators } },
      )
    }
  }
})

describe('samplers', () => {
  const samplers = [
    ['always_on', ''],
    ['always_off', ''],
    ['traceidratio', '0.5'],
    ['traceidratio', '0'],
    ['parentbased_always_on', ''],
    ['parentbased_always_off', ''],
    ['parentbased_traceidratio', '0.5'],
    ['parentbased_traceidratio', '1'],
  ]
  for (const [name = '', ratio = ''] of samplers) {
    both(
      `${name} ${ratio}`,
      async ({ ask }) => {
        for (let id = 0; id < 10; id += 1) await ask(`/parcels/${id}`)
        for (const traceparent of [sampledParent, unsampledParent]) {
          await ask({ path: '/touched', headers: { traceparent } })
          await ask({ path: '/bug', headers: { traceparent, tracestate: 'a=1' } })
        }
      },
      undefined,
      {
        env: { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio },
        ...acting('/touched', ({ span, tracer, logger }) => {
          logger.info({ recording: span.isRecording(), flags: span.spanContext().traceFlags })
          span.setAttribute('touched', true)
          tracer.startSpan('child').end()
        }),
      },
    )
  }
})

describe('settings', () => {
  both('LOG_LEVEL=warn', asking('/parcels/1', '/bug', '/nowhere'), undefined, {
    env: { LOG_LEVEL: 'warn' },
  })

  both('LOG_LEVEL=silent', asking('/parcels/1', '/bug'), undefined, {
    env: { LOG_LEVEL: 'silent' },
  })

  both(
    'a level that changes while the process runs',
    asking('/parcels/1', '/quieter', '/parcels/2', '/louder', '/parcels/3'),
    ({ lines }) =>
      assert.deepEqual(lines.map(messageOf), [
        'GET /parcels/1 200',
        'GET /louder 200',
        'GET /parcels/3 200',
      ]),
    {
      acts: {
        '/quieter': ({ logger }) => void (logger.level = 'warn'),
        '/louder': ({ logger }) => void (logger.level = 'info'),
      },
    },
  )

  both(
    'no collector',
    asking('/parcels/1', '/bug'),
    ({ lines, spans, records }) => {
      assert.equal(lines.length, 2)
      assert.deepEqual([...spans, ...records], [])
    },
    { hasCollector: false },
  )

  both('spans only', touching, ({ records }) => assert.deepEqual(records, []), {
    env: { OTEL_LOGS_EXPORTER: 'none' },
    ...acting('/touched', ({ span }) => void span.setAttribute('touched', true)),
  })

  both('log records only', touching, ({ spans }) => assert.deepEqual(spans, []), {
    env: { OTEL_TRACES_EXPORTER: 'none' },
    ...acting('/touched', ({ span }) => void span.setAttribute('touched', true)),
  })

  const names = ['"quoted" \\ name', 'größe \u2028 \u009b \u0001', 'a:b=c?token=abc', '\ud800']
  for (const serviceName of names) {
    both(`the service's name ${JSON.stringify(serviceName)}`, asking('/parcels/1'), undefined, {
      serviceName,
    })
  }
})

describe('routes', () => {
  both(
    'that change, and none at last',
    asking('/changing', '/given-up'),
    ({ spans }) => assert.deepEqual(namesOf(spans), ['GET', 'GET /later/:id']),
    {
      acts: {
        '/changing': ({ record }) => {
          record.setRoute('/first/:id')
          record.setRoute(undefined)
          record.setRoute('/later/:id')
        },
        '/given-up': ({ record }) => record.setRoute(undefined),
      },
    },
  )

  const patterns = [
    '',
    '/with "quotes" and \\',
    '/größe/€/🐘',
    '/line\nbreak\u2028\u009b',
    '/search?token=:token&x=:x',
    'https://me:pw@host/:id',
    '/cookie: :value',
    '/\ud800',
    `/${'r'.repeat(300)}`,
    'overflow',
    'unmatched',
  ]
  for (const pattern of patterns) {
    both(
      `the pattern ${JSON.stringify(pattern.slice(0, 40))}`,
      asking('/any', '/any'),
      undefined,
      acting('/any', ({ record }) => record.setRoute(pattern)),
    )
  }

  both(
    'without end',
    async ({ ask }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let id = 0; id < 2100; id += 1) await ask({ path: `/made/${id}`, agent })
      await ask({ path: '/made/0', agent })
      agent.destroy()
    },
    undefined,
    {
      env: { METRICS_MAX_SERIES: '50' },
      ...acting('/made/:id', ({ record, c }) => record.setRoute(c.req.path)),
    },
  )

  both(
    'of the same status and method, with the scheme as the only difference',
    async ({ ask }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (const scheme of ['http', 'https', 'http']) {
        // The port that is not said is the scheme's.
        const headers = { host: 'parcels.test', 'x-forwarded-proto': scheme }
        await ask({ path: '/parcels/1', agent, headers })
      }
      agent.destroy()
    },
    undefined,
    { env: { TRUSTED_PROXIES: '127.0.0.0/8' } },
  )
})

describe('durations', () => {
  // The smallest are parts of a microsecond: one to be rounded down, one to be rounded up.
  for (const millis of [
    2 ** -11,
    3 * 2 ** -12,
    0,
    0.125,
    0.375,
    0.875,
    7.5,
    8.75,
    98.875,
    99.875,
    1234.5,
    123_456.25,
  ]) {
    both(
      `of ${millis} ms more`,
      asking('/slow', '/parcels/1', '/slow'),
      undefined,
      acting('/slow', ({ clock }) => clock.advance(millis)),
    )
  }

  both(
    'of whole milliseconds, which are of another type',
    asking('/slow'),
    ({ records: [record] }) =>
      assert.deepEqual(valueOf(record, 'duration_ms'), { value: 'intValue', intValue: '7' }),
    acting('/slow', ({ clock }) => clock.advance(5.875)),
  )

  both(
    'that give an exemplar again after its ten seconds',
    asking('/parcels/1', '/parcels/2', '/later', '/parcels/3', '/later', '/parcels/4'),
    ({ spans }) => {
      const marked = spans.filter((span) => valueOf(span, 'plainsight.exemplar'))
      assert.equal(marked.length, 5)
    },
    acting('/later', ({ clock }) => clock.advance(10_000)),
  )
})

describe('what a service writes on its span', () => {
  const values: [string, AttributeValue][] = [
    ['text', 'teal'],
    ['no text', ''],
    ['a whole number', 42],
    ['a fraction', 0.5],
    ['no number', NaN],
    ['infinity', -Infinity],
    ['a large number', 2 ** 63],
    ['yes', true],
    ['no', false],
    ['texts', ['a', 'b']],
    ['numbers', [1, 2.5]],
    ['nothing much', []],
    ['a map', { a: { b: [1, null] } }],
    ['bytes', Uint8Array.of(1, 2, 255)],
    ['a date', new Date(0)],
    ['half a character', '\ud800'],
  ]
  for (const [what, value] of values) {
    touched(`${what} as an attribute`, (span) => span.setAttribute('key', value))
  }

  touched('several attributes, one of them twice', (span) => {
    span.setAttributes({ a: 1, b: 'two', c: [true] })
    span.setAttribute('a', 'one').setAttribute('', 'nameless')
  })

  touched('attributes of ours', (span) => {
    span.setAttributes({ 'http.route': '/mine', 'url.path': '/other', 'error.type': 'mine' })
    span.setAttribute('http.response.status_code', 'text').setAttribute('plainsight.exemplar', 1)
  })

  touched('events, with a time and without', (span, clock) => {
    span.addEvent('now')
    clock.advance(0.25)
    span.addEvent('with attributes', { a: 1 })
    span.addEvent('with both', { a: 1 }, [1_790_000_000, 5])
    span.addEvent('with a time', [1_790_000_000, 6])
    span.addEvent('with a date', new Date(1_790_000_000_000))
    span.addEvent('with milliseconds', 1_790_000_000_000)
    clock.advance(0.5)
    span.addEvent('at last', undefined, undefined)
  })

  touched('an event at a time of performance.now()', (span, clock) => {
    const time = performance.now()
    clock.advance(0.5)
    span.addEvent('before', time)
    span.addEvent('before, too', { a: 1 }, time)
    span.recordException(new Error('then'), time)
  })

  touched('exceptions', (span, clock) => {
    const error = Object.assign(new TypeError('broken ?token=abc'), { stack: 'a stack' })
    span.recordException(error)
    clock.advance(0.25)
    span.recordException('just text')
    span.recordException({ code: 7, message: 'coded' })
    span.recordException(error, [1_790_000_000, 5])
    span.recordException({} as Error)
  })

  touched('links', (span) => {
    const linked = { traceId: callersTrace, spanId: callersSpan, traceFlags: 1 }
    span.addLink({ context: linked })
    span.addLink({ context: { ...linked, isRemote: true }, attributes: { a: 1, b: ['x'] } })
    span.addLinks([{ context: linked }, { context: { ...linked, traceFlags: 0 } }])
  })

  touched('a status of error', (span) => {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'größe' })
  })

  touched('a status of well', (span) => span.setStatus({ code: SpanStatusCode.OK }))

  touched('no status', (span) => span.setStatus({ code: SpanStatusCode.UNSET }))

  both(
    'a status of well, and then a bug',
    asking('/touched'),
    undefined,
    acting('/touched', ({ span }) => {
      span.setStatus({ code: SpanStatusCode.OK })
      throw new TypeError('after all')
    }),
  )

  touched('a name, which the request has already', (span) => span.updateName('mine'))

  touched('its end', (span, clock) => {
    span.setAttribute('before', 1)
    span.end()
    clock.advance(0.25)
    span.setAttribute('after', 1)
  })

  touched('its end, before anything else', (span) => {
    span.end()
    span.end()
  })

  touched('its end at a time', (span) => {
    span.end(Date.now() + 1000)
  })

  touched('its end before its beginning', (span) => {
    span.end([1_700_000_000, 0])
  })

  both(
    'its end, and then a bug',
    asking('/touched'),
    ({ spans }) => assert.equal(spans.length, 1),
    acting('/touched', ({ span }) => {
      span.end()
      throw new TypeError('after all')
    }),
  )

  both(
    'whether it is recording',
    asking('/touched', { path: '/touched', headers: { traceparent: unsampledParent } }),
    undefined,
    acting('/touched', ({ span, logger }) => {
      logger.info({ recording: span.isRecording() })
      span.end()
      logger.info({ recording: span.isRecording() })
    }),
  )

  both(
    'something when all is over',
    asking('/touched', '/kept', '/parcels/1'),
    ({ spans }) => assert.equal(spans.length, 3),
    touchedLater((span, logger) => {
      logger.info({ recording: span.isRecording() }, 'late')
      span.setAttribute('late', 1).setAttributes({ late: 2 }).addEvent('late')
      span.updateName('late').setStatus({ code: SpanStatusCode.ERROR })
      span.recordException(new Error('late'))
      span.addLink({ context: span.spanContext() }).addLinks([])
      span.end()
    }),
  )

  both(
    'its end when all is over, and nothing before',
    asking('/touched', '/kept', '/parcels/1'),
    ({ spans }) => assert.equal(spans.length, 3),
    touchedLater((span) => span.end()),
  )
})

describe('what happens below a request', () => {
  both(
    'its span is the active one, also after an await',
    asking('/awaiting'),
    ({ spans, lines }) => {
      assert.equal(spans.length, 4)
      assert.equal(lines.length, 3)
    },
    acting('/awaiting', async ({ tracer, logger }) => {
      logger.info({ word: 'teal', password: 'hunter2' }, 'before')
      await Promise.resolve()
      trace.getActiveSpan()?.setAttribute('parcel.word', 'teal')
      await tracer.startActiveSpan('child', async (child) => {
        await Promise.resolve()
        logger.warn({ 'url.path': '/x?token=abc' }, 'in the child')
        tracer.startSpan('grandchild').end()
        child.end()
      })
      tracer
        .startSpan('linked', { links: [{ context: trace.getActiveSpan()!.spanContext() }] })
        .end()
    }),
  )

  both(
    'children of a request with a trace state, sampled and not',
    asking(
      { path: '/child', headers: { traceparent: sampledParent, tracestate: 'a=1' } },
      { path: '/child', headers: { traceparent: unsampledParent, tracestate: 'a=1' } },
      { path: '/child', headers: { traceparent: sampledParent } },
    ),
    ({ spans }) => assert.equal(spans.length, 4),
    acting('/child', ({ tracer }) => tracer.startSpan('child').end()),
  )

  both(
    'baggage and context go on',
    asking(
      { path: '/baggage', headers: { baggage: 'tenant=blue;p=1,colour=teal' } },
      { path: '/baggage', headers: { traceparent: sampledParent, tracestate: 'a=1' } },
    ),
    ({ lines }) => assert.match(lines[0] ?? '', /"blue"/),
    acting('/baggage', ({ logger, span }) => {
      const carrier = {}
      propagation.inject(context.active(), carrier)
      const { traceId, spanId } = span.spanContext()
      const sent = JSON.stringify(carrier).replace(traceId, 'trace').replace(spanId, 'span')
      logger.info(
        { baggage: propagation.getActiveBaggage()?.getAllEntries() ?? [], sent },
        'baggage',
      )
    }),
  )

  both(
    'lines of every level, with fields and without, of a child logger and with an error',
    asking('/log'),
    undefined,
    acting('/log', ({ logger }) => {
      logger.info('plain')
      logger.child({ part: 'belt' }).error({ err: new Error('off'), n: 0.5, list: [1] }, 'child')
      logger.warn({ time: 1, trace_id: 'x' })
      logger.fatal('over')
    }),
    { env: { LOG_LEVEL: 'trace' } },
  )

  both(
    'a line outside of every request',
    asking('/log'),
    undefined,
    acting('/log', ({ logger }) => context.with(ROOT_CONTEXT, () => logger.info('outside'))),
  )

  both(
    "a library's own log record",
    asking('/library'),
    ({ records }) => assert.equal(records.length, 4),
    acting('/library', () => {
      logs.getLogger('library', '1.2.3').emit({ body: 'from a library' })
      logs.getLogger('plainsight', '9').emit({ body: 'of another version' })
      logs.getLogger('plainsight', undefined, { schemaUrl: 'https://x' }).emit({ body: 'other' })
    }),
  )
})

describe('limits', () => {
  const limits: Record<string, string>[] = [
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3' },
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '12' },
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '32' },
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0' },
    { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5' },
    { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0' },
    { OTEL_ATTRIBUTE_COUNT_LIMIT: '4' },
    { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' },
    { OTEL_ATTRIBUTE_COUNT_LIMIT: '4', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '6' },
    { OTEL_ATTRIBUTE_COUNT_LIMIT: '4', OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '200' },
    { OTEL_SPAN_EVENT_COUNT_LIMIT: '1' },
    { OTEL_SPAN_EVENT_COUNT_LIMIT: '0' },
    { OTEL_SPAN_LINK_COUNT_LIMIT: '1' },
    { OTEL_SPAN_LINK_COUNT_LIMIT: '0' },
    { OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1' },
    { OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '1' },
    { OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '1' },
    { OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '1' },
    { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '2' },
    { OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4' },
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'nonsense' },
  ]
  for (const env of limits) {
    both(
      JSON.stringify(env),
      asking('/parcels/1?colour=teal', '/touched', '/bug', {
        path: '/parcels/2',
        headers: { traceparent: sampledParent },
      }),
      undefined,
      { env, ...acting('/touched', touchAtLength) },
    )
    both(
      `${JSON.stringify(env)}, linked`,
      asking({ path: '/touched', headers: { traceparent: sampledParent } }),
      undefined,
      { env: { ...env, INCOMING_TRACE_CONTEXT: 'link' }, ...acting('/touched', touchAtLength) },
    )
  }
})

describe('the short way of the lean recorder', () => {
  it('is taken by ordinary requests', async (t) => {
    const { fullSpans, accessLog } = watched(t)

    await leftByBoth(t, asking('/parcels/1?token=abc', '/nowhere', post('/upload', 10)))
    await leftByBoth(t, asking({ path: '/parcels/1', headers: { traceparent: sampledParent } }))

    assert.equal(fullSpans.callCount(), 0)
    assert.equal(accessLog.callCount(), 4)
  })

  it('is not taken by what it cannot tell', async (t) => {
    const { fullSpans, accessLog } = watched(t)

    await leftByBoth(t, asking('/bug', { method: 'PROPFIND', path: '/parcels/1' }))

    assert.equal(fullSpans.callCount(), 2)
    assert.equal(accessLog.callCount(), 0)
  })
})

type Check = (left: Awaited<ReturnType<typeof leftByBoth>>) => void

/** A test that both leave the same, and perhaps what that is. */
function both(title: string, drive: Drive, check: Check = () => {}, ...setups: PairSetup[]): void {
  it(title, async (t) => {
    check(await leftByBoth(t, drive, Object.assign({}, ...setups)))
  })
}

function asking(...requests: (string | Ask)[]): Drive {
  return async ({ ask }) => {
    for (const request of requests) await ask(request)
  }
}

function leaving(path: string, when: 'unanswered' | 'answered'): Drive {
  return ({ leave }) => leave(path, when)
}

function touching({ ask }: Parameters<Drive>[0]): Promise<unknown> {
  return ask('/touched').then(() => ask('/parcels/1'))
}

function post(path: string, bytes: number): Ask {
  return { method: 'POST', path, body: Buffer.alloc(bytes, 'x') }
}

function acting(pattern: string, act: Act): { acts: Record<string, Act> } {
  return { acts: { [pattern]: act } }
}

/** The span of a request is written on: of an ordinary one, of a caller's, and of one that fails. */
function touched(
  title: string,
  write: (span: Span, clock: Parameters<Act>[0]['clock']) => unknown,
): void {
  both(
    title,
    asking(
      '/touched?colour=teal',
      { path: '/touched', headers: { traceparent: sampledParent, tracestate: 'a=1' } },
      { path: '/touched', headers: { traceparent: unsampledParent } },
      { path: '/failing', headers: { traceparent: sampledParent } },
    ),
    ({ spans }) => assert.equal(spans.length, 3),
    {
      acts: {
        '/touched': ({ span, clock }) => void write(span, clock),
        '/failing': ({ span, clock }) => {
          write(span, clock)
          throw new RangeError('and then it failed')
        },
      },
    },
  )
}

/** `/touched` writes on its span in time, `/kept` does not; what comes next writes on the spans of both, too late. */
function touchedLater(
  write: (span: Span, logger: Parameters<Act>[0]['logger']) => void,
): PairSetup {
  return {
    acts: {
      '/touched': ({ span, logger, c }) => {
        span.setAttribute('in time', 1)
        c.env.outgoing.once('close', () => write(span, logger))
      },
      '/kept': ({ span, logger, c }) => {
        c.env.outgoing.once('close', () => write(span, logger))
      },
    },
  }
}

function touchAtLength({ span, logger }: Parameters<Act>[0]): void {
  for (let index = 0; index < 5; index += 1) {
    span.setAttribute(`attribute.${index}`, `a long value ${index}`)
    span.addEvent(`event ${index}`, { a: 'one long text', b: 'another long text', c: 3 })
    span.addLink({
      context: { traceId: callersTrace, spanId: callersSpan, traceFlags: 1 },
      attributes: { a: 'one long text', b: 'another long text' },
    })
  }
  span.setAttribute('list', ['a long value', 'short', 7])
  logger.info({ word: 'a long value', list: ['a long value'], more: 1, most: 2 }, 'a long message')
}

/** What the lean recorder does of what it need not do as a rule. */
function watched(t: Parameters<typeof leftByBoth>[0]) {
  return {
    fullSpans: t.mock.method(FullSpans.prototype, 'start').mock,
    accessLog: t.mock.method(AccessLog.prototype, 'write').mock,
  }
}

function namesOf(spans: WireRecord[]): string[] {
  return spans.map(({ name }) => String(name)).toSorted()
}

function valueOf(record: WireRecord | undefined, key: string): unknown {
  const attributes = record?.['attributes'] as { key: string; value: unknown }[]
  return attributes.find((attribute) => attribute.key === key)?.value
}

function messageOf(line: string): unknown {
  return (JSON.parse(line) as Record<string, unknown>)['msg']
}
