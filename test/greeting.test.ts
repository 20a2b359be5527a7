import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { valueOf } from './support/exposition.ts'
import { startObserved, traceIdOf } from './support/observed-service.ts'
import type { ObservedService } from './support/observed-service.ts'

describe('the greeting service', () => {
  let observed: ObservedService

  before(async () => {
    observed = await startObserved({
      main: 'src/main.ts',
      env: { VERSION: '9.8.7', REVISION: 'abc123', TZ: 'Asia/Shanghai', DEMO_ROUTES: 'true' },
    })
  })
  after(() => observed[Symbol.asyncDispose]())

  it('GET / greets, with instance, version and the time of its zone', async () => {
    const asked = Date.now()
    const response = await fetch(`${observed.service.url}/`)
    const greeting = await response.text()

    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    const match =
      /^Hello, Plainsight! I'm instance (\d{1,3}) running version 9\.8\.7 at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\n$/.exec(
        greeting,
      )
    assert.ok(match, greeting)
    assert.ok(Number(match[1]) < 1000)
    const told = Date.parse(`${match[2]?.replace(' ', 'T')}+08:00`)
    assert.ok(Math.abs(told - asked) < 3000, greeting)
    assert.match(
      await (await fetch(`${observed.service.url}/`)).text(),
      new RegExp(`instance ${match[1]} `),
    )
  })

  it('GET /version and GET /health', async () => {
    const version = await fetch(`${observed.service.url}/version`)
    const health = await fetch(`${observed.service.url}/health`)

    assert.equal(await version.text(), '9.8.7\n')
    assert.equal(health.status, 200)
    assert.equal(await health.text(), '')
    assert.equal(health.headers.get('content-length'), '0')
    assert.equal(health.headers.get('content-type'), null)
  })

  it('GET /healthz counts, and logs inside the trace of the request', async () => {
    const before = valueOf(await observed.samples(), 'healthz_calls_total')
    const response = await fetch(`${observed.service.url}/healthz`)
    const body = await response.text()

    assert.equal(body, 'Monitoring endpoint invoked!')
    assert.equal(valueOf(await observed.samples(), 'healthz_calls_total'), before + 1)
    const { span, otherLines, otherRecords } = await observed.telemetryOf(traceIdOf(response))
    assert.equal(span.name, 'GET /healthz')
    const message = 'Monitoring endpoint invoked! Counter was incremented!'
    assert.deepEqual(
      otherLines.map(({ msg, span_id }) => [msg, span_id]),
      [[message, span.spanId]],
    )
    assert.deepEqual(
      otherRecords.map(({ body: text, spanId }) => [text, spanId]),
      [[message, span.spanId]],
    )
  })

  it('HEAD of everything is as GET, without the body', async () => {
    for (const path of ['/', '/version', '/health', '/healthz', '/livez', '/readyz', '/startupz']) {
      const get = await fetch(`${observed.service.url}${path}`)
      const length = (await get.arrayBuffer()).byteLength
      const head = await fetch(`${observed.service.url}${path}`, { method: 'HEAD' })

      assert.equal(head.status, 200, path)
      assert.equal(await head.text(), '', path)
      assert.equal(Number(head.headers.get('content-length')), length, path)
      assert.equal(head.headers.get('content-type'), get.headers.get('content-type'), path)
    }
  })

  it('GET /demo/slow has a span and a line of its own below that of the request', async () => {
    const response = await fetch(`${observed.service.url}/demo/slow?seconds=0.05`)

    assert.equal(await response.text(), 'That took 0.05 s.\n')
    const { span, otherSpans, otherLines } = await observed.telemetryOf(traceIdOf(response))
    assert.equal(span.name, 'GET /demo/slow')
    assert.deepEqual(
      otherSpans.map(({ name, parentSpanId }) => [name, parentSpanId]),
      [['wait for a slow dependency', span.spanId]],
    )
    assert.deepEqual(
      otherLines.map(({ level, span_id }) => [level, span_id]),
      [['warn', otherSpans[0]?.spanId]],
    )
  })

  it('GET /demo/unavailable and GET /demo/bug fail, each in its way', async () => {
    const unavailable = await fetch(`${observed.service.url}/demo/unavailable`)
    const bug = await fetch(`${observed.service.url}/demo/bug`)

    assert.equal(unavailable.status, 503)
    assert.equal(((await unavailable.json()) as { code: string }).code, 'dependency-away')
    assert.equal(bug.status, 500)
    const { span } = await observed.telemetryOf(traceIdOf(bug))
    assert.equal(span.attributes['error.type'], 'TypeError')
  })

  it('tells its build in service_info', async () => {
    const runtime = `node ${process.version}`
    const labels = { version: '9.8.7', revision: 'abc123', runtime }

    assert.equal(valueOf(await observed.samples(), 'service_info', labels), 1)
  })
})

describe('VERSION', () => {
  it('is that of package.json unless given', async () => {
    await using observed = await startObserved({ main: 'src/main.ts' })
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

    assert.equal(await (await fetch(`${observed.service.url}/version`)).text(), `${version}\n`)
  })
})
