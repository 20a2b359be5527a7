import assert from 'node:assert/strict'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { hasLabels, samplesOf, valueOf } from './support/exposition.ts'
import { startObserved, traceIdOf } from './support/observed-service.ts'
import type { ObservedService, RequestTelemetry } from './support/observed-service.ts'

const sampledParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

for (const recorder of ['lean', 'standard'])
  describe(`what one request leaves, ${recorder} recorder`, { concurrency: true }, () => {
    let observed: ObservedService

    before(async () => {
      observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, METRICS_MAX_SERIES: '50' },
      })
    })
    after(() => observed[Symbol.asyncDispose]())

    async function get(path: string, init?: RequestInit) {
      const response = await fetch(`${observed.service.url}${path}`, init)
      const body = await response.text()
      const telemetry = await observed.telemetryOf(traceIdOf(response))
      return { response, body, telemetry }
    }

    it('200: one span with every attribute, one line, one record, one observation', async () => {
      const { response, telemetry } = await get('/parcels/200?colour=teal', {
        headers: { 'user-agent': 'requests-test' },
      })

      assert.equal(response.status, 200)
      assertOneOfEach(telemetry)
      const { span, accessLine, accessRecord } = telemetry
      const {
        'network.peer.port': peerPort,
        'plainsight.exemplar': _mark,
        ...fixed
      } = span.attributes
      assert.equal(span.name, 'GET /parcels/:id')
      assert.equal(span.parentSpanId, '')
      assert.deepEqual(span.status, { code: 'UNSET', message: '' })
      assert.ok(Number(peerPort) > 0)
      assert.deepEqual(fixed, {
        'http.request.method': 'GET',
        'http.route': '/parcels/:id',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'url.path': '/parcels/200',
        'url.query': 'colour=teal',
        'server.address': '127.0.0.1',
        'server.port': observed.service.port,
        'client.address': '127.0.0.1',
        'network.peer.address': '127.0.0.1',
        'network.protocol.version': '1.1',
        'user_agent.original': 'requests-test',
      })
      const { time, duration_ms, trace_id, span_id, ...line } = accessLine
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.ok(Number(duration_ms) > 0)
      assert.deepEqual([trace_id, span_id], [span.traceId, span.spanId])
      assert.deepEqual(line, {
        level: 'info',
        service: 'parcels',
        msg: 'GET /parcels/200 200',
        'http.request.method': 'GET',
        'http.route': '/parcels/:id',
        'url.path': '/parcels/200',
        'http.response.status_code': 200,
        'client.address': '127.0.0.1',
      })
      assert.equal(accessRecord.body, line.msg)
      assert.equal(accessRecord.severityText, 'info')
      assert.equal(accessRecord.timeNanos, BigInt(Date.parse(String(time))) * 1_000_000n)
      assert.deepEqual(accessRecord.attributes, {
        'http.request.method': 'GET',
        'http.route': '/parcels/:id',
        'url.path': '/parcels/200',
        'http.response.status_code': 200,
        'client.address': '127.0.0.1',
        duration_ms,
      })
      assert.equal(accessRecord.resource['service.name'], 'parcels')
    })

    it('two handlers match: the route is that of the one that answered', async () => {
      const passedOn = await get('/parcels/special')
      const answered = await get('/parcels/plain')

      assert.equal(passedOn.body, 'special')
      assert.equal(passedOn.telemetry.span.name, 'GET /parcels/special')
      assert.equal(answered.telemetry.span.name, 'GET /parcels/:id')
      assertOneOfEach(passedOn.telemetry)
    })

    it('404: no route, and no error', async () => {
      const { response, body, telemetry } = await get('/nowhere/at/all')

      assert.equal(response.status, 404)
      assertOneOfEach(telemetry)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      assert.deepEqual(JSON.parse(body), {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'There is nothing at /nowhere/at/all.',
        code: 'not-found',
        trace_id: telemetry.span.traceId,
      })
      assert.equal(telemetry.span.name, 'GET')
      assert.ok(!('http.route' in telemetry.span.attributes))
      assert.ok(!('error.type' in telemetry.span.attributes))
      assert.equal(telemetry.span.status.code, 'UNSET')
      assert.equal(telemetry.accessLine.level, 'info')
    })

    it('404 by a handler: its route stays', async () => {
      const { response, telemetry } = await get('/parcels/5/missing')

      assert.equal(response.status, 404)
      assert.equal(telemetry.span.name, 'GET /parcels/:id/missing')
    })

    it('405: Allow, and no route', async () => {
      const { response, telemetry } = await get('/parcels/5', { method: 'DELETE' })

      assert.equal(response.status, 405)
      assert.equal(response.headers.get('allow'), 'GET, HEAD')
      assertOneOfEach(telemetry)
      assert.equal(telemetry.span.name, 'DELETE')
    })

    it('HEAD: as GET, without the body', async () => {
      const { response, body, telemetry } = await get('/parcels/head', { method: 'HEAD' })

      assert.equal(response.status, 200)
      assert.equal(response.headers.get('content-length'), '4')
      assert.equal(body, '')
      assertOneOfEach(telemetry)
      assert.equal(telemetry.span.name, 'HEAD /parcels/:id')
    })

    it('an answer that cannot be written: 500, and the reason with the request', async () => {
      const { response, telemetry } = await get('/bug/status')

      assert.equal(response.status, 500)
      assertOneOfEach(telemetry)
      assert.equal(telemetry.accessLine['http.response.status_code'], 500)
      assert.equal(telemetry.span.attributes['error.type'], 'RangeError')
      assert.match(text(telemetry.accessLine['err'] as object), /Invalid status code/i)
      assert.deepEqual(telemetry.otherLines, [])
    })

    it('a bug: 500 without internals, an exception on the span, its stack on the one error line', async () => {
      const { response, body, telemetry } = await get('/bug')

      assert.equal(response.status, 500)
      assert.doesNotMatch(body, /label fell off|TypeError|service\.ts/)
      assertOneOfEach(telemetry)
      const { span, accessLine, accessRecord } = telemetry
      assert.equal(span.attributes['error.type'], 'TypeError')
      assert.equal(span.status.code, 'ERROR')
      assert.deepEqual(
        span.events.map(({ name, attributes }) => [name, attributes['exception.message']]),
        [['exception', 'the label fell off']],
      )
      assert.match(String(span.events[0]?.attributes['exception.stacktrace']), /service\.ts/)
      assert.equal(accessLine.level, 'error')
      const { stack } = accessLine['err'] as Record<string, string>
      assert.match(String(stack), /service\.ts/)
      // In the image the kernel is one file; what its functions are called remains.
      assert.match(String(stack), /recordedHandler.*kernel/)
      assert.equal(accessRecord.severityText, 'error')
      assert.equal(accessRecord.attributes['exception.type'], 'TypeError')
      assert.match(String(accessRecord.attributes['exception.stacktrace']), /service\.ts/)
    })

    it('a bug after an await, and a thrown text, are bugs too', async () => {
      const later = await get('/bug/async')
      const text = await get('/bug/text')

      assert.equal(later.telemetry.span.attributes['error.type'], 'RangeError')
      assert.equal(text.response.status, 500)
      assert.equal(text.telemetry.span.attributes['error.type'], 'NonError')
      assert.match(JSON.stringify(text.telemetry.accessLine['err']), /just text/)
      assertOneOfEach(text.telemetry)
    })

    it('an expected error below 500 is no failure', async () => {
      const { response, telemetry } = await get('/expected')

      assert.equal(response.status, 409)
      assertOneOfEach(telemetry)
      assert.equal(telemetry.accessLine.level, 'info')
      assert.equal(telemetry.accessLine['problem.code'], 'parcel-sealed')
      assert.equal(telemetry.span.status.code, 'UNSET')
      assert.deepEqual(telemetry.span.events, [])
    })

    it('an expected 503 fails the span, with its code, and the line tells the cause', async () => {
      const { response, telemetry } = await get('/unavailable')

      assert.equal(response.status, 503)
      assert.equal(response.headers.get('retry-after'), '7')
      assert.equal(telemetry.span.attributes['error.type'], 'belt-away')
      assert.equal(telemetry.span.status.code, 'ERROR')
      assert.equal(telemetry.accessLine.level, 'error')
      assert.match(JSON.stringify(telemetry.accessLine['err']), /connect ECONNREFUSED/)
    })

    it('an unknown method is _OTHER', async () => {
      const response = await send({ method: 'PROPFIND', path: '/parcels/5' })
      const telemetry = await observed.telemetryOf(String(response.headers['x-trace-id']))

      assert.equal(response.statusCode, 405)
      assertOneOfEach(telemetry)
      assert.equal(telemetry.span.name, 'HTTP')
      assert.equal(telemetry.span.attributes['http.request.method'], '_OTHER')
      assert.equal(telemetry.span.attributes['http.request.method_original'], 'PROPFIND')
      const samples = await observed.samples()
      assert.ok(!samples.some(({ labels }) => Object.values(labels).includes('PROPFIND')))
      assert.ok(samples.some((sample) => hasLabels(sample, { http_request_method: '_OTHER' })))
    })

    it('secrets in a query string reach neither span nor log', async () => {
      const { telemetry } = await get('/parcels/q?token=abc123&Colour=teal&api_key=xyz789')

      assert.equal(
        telemetry.span.attributes['url.query'],
        'token=[REDACTED]&Colour=teal&api_key=[REDACTED]',
      )
      assert.doesNotMatch(observed.service.stdout(), /abc123|xyz789/)
      assert.ok(!observed.receiver.logs.some((record) => /abc123|xyz789/.test(text(record))))
    })

    it('a streamed body: the span is as long as the stream', async () => {
      const { body, telemetry } = await get('/stream')

      assert.match(body, /part 4/)
      assertOneOfEach(telemetry)
      const millis = Number(telemetry.span.endNanos - telemetry.span.startNanos) / 1e6
      assert.ok(millis >= 480, `${millis} ms`)
      assert.ok(Number(telemetry.accessLine['duration_ms']) >= 480)
    })

    it('a client that hangs up half-way, and a body that breaks off, are different errors', async () => {
      const hungUp = await observed.telemetryOf(await hangUpOn('/endless'))
      const brokenResponse = await fetch(`${observed.service.url}/broken-stream`)
      await assert.rejects(brokenResponse.text())
      const broken = await observed.telemetryOf(traceIdOf(brokenResponse))

      assertOneOfEach(hungUp)
      assert.equal(hungUp.span.attributes['error.type'], 'client_disconnected')
      assert.equal(hungUp.span.attributes['http.response.status_code'], 200)
      assert.equal(hungUp.span.status.code, 'ERROR')
      assert.equal(hungUp.accessLine.level, 'info')
      assertOneOfEach(broken)
      assert.equal(broken.span.attributes['error.type'], 'TypeError')
      assert.equal(broken.accessLine.level, 'error')
      assert.match(JSON.stringify(broken.accessLine['err']), /the tape tore/)
      assert.deepEqual(broken.otherLines, [])
      // Nobody else wrote the broken body down a second time.
      assert.equal(
        observed.service.stdout().split('the tape tore').length - 1,
        2,
        'message and stack',
      )
    })

    it('a client that leaves before any answer: no status', async () => {
      const unanswered = observed.service.waitForLine(
        'unanswered',
        ({ msg }) => msg === 'GET /slow unanswered',
      )
      const socket = connect(observed.service.port, '127.0.0.1')
      socket.end('GET /slow?ms=400 HTTP/1.1\r\nHost: x\r\n\r\n')
      await sleep(100)
      socket.destroy()
      const line = await unanswered

      const telemetry = await observed.telemetryOf(String(line['trace_id']))
      assertOneOfEach(telemetry)
      assert.ok(!('http.response.status_code' in telemetry.span.attributes))
      assert.equal(telemetry.span.attributes['error.type'], 'client_disconnected')
    })

    it('a sampled parent is continued', async () => {
      const { response, telemetry } = await get('/parcels/child', {
        headers: { traceparent: sampledParent, tracestate: 'vendor=1' },
      })

      assert.equal(response.headers.get('x-trace-id'), '0af7651916cd43dd8448eb211c80319c')
      assertOneOfEach(telemetry)
      assert.equal(telemetry.span.parentSpanId, 'b7ad6b7169203331')
      assert.equal(telemetry.span.traceState, 'vendor=1')
    })

    it('a parent that is not sampled: no span, but line, record and observation', async () => {
      const traceId = '11112222333344445555666677778888'
      const response = await fetch(`${observed.service.url}/parcels/quiet`, {
        headers: { traceparent: `00-${traceId}-b7ad6b7169203331-00` },
      })
      const line = await observed.service.waitForLine(
        'line of an unsampled request',
        ({ trace_id }) => trace_id === traceId,
      )
      await observed.receiver.waitFor('record of an unsampled request', () =>
        observed.receiver.logs.find((record) => record.traceId === traceId),
      )
      await sleep(100)

      assert.equal(response.headers.get('x-trace-id'), traceId)
      assert.equal(line['http.route'], '/parcels/:id')
      assert.deepEqual(
        observed.receiver.spans.filter((span) => span.traceId === traceId),
        [],
      )
    })

    it('malformed trace context is ignored and a new trace begins', async () => {
      const broken = [
        '00-00000000000000000000000000000000-b7ad6b7169203331-01',
        '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
        'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
        'garbage',
      ]
      for (const traceparent of broken) {
        const { telemetry } = await get('/parcels/fresh', { headers: { traceparent } })
        assert.equal(telemetry.span.parentSpanId, '', traceparent)
        assert.notEqual(telemetry.span.traceId, '0af7651916cd43dd8448eb211c80319c')
      }
    })

    it('log lines below a request carry its ids, also after an await, in both copies, without secrets', async () => {
      const { telemetry } = await get('/log/teal')

      assert.deepEqual(
        telemetry.otherLines.map(({ msg, span_id }) => [msg, span_id]),
        [
          ['before', telemetry.span.spanId],
          ['after', telemetry.span.spanId],
        ],
      )
      assert.deepEqual(
        telemetry.otherRecords.map(({ body, spanId, attributes }) => [body, spanId, attributes]),
        [
          ['before', telemetry.span.spanId, { word: 'teal', step: 1 }],
          [
            'after',
            telemetry.span.spanId,
            {
              word: 'teal',
              step: 2,
              password: '[REDACTED]',
              nested: { Authorization: '[REDACTED]' },
            },
          ],
        ],
      )
      assert.equal(telemetry.otherLines[1]?.['password'], '[REDACTED]')
      assert.equal(telemetry.span.attributes['parcel.word'], 'teal')
    })

    it('what is printed with console becomes a line of the request', async () => {
      const { telemetry } = await get('/console')

      assert.deepEqual(
        telemetry.otherLines.map(({ level, msg }) => [level, msg]),
        [['warn', 'printed 42']],
      )
    })

    it('two hundred at once: no ids are mixed up', async () => {
      const words = Array.from({ length: 200 }, (_, index) => `w${index}`)
      const responses = await Promise.all(
        words.map((word) => fetch(`${observed.service.url}/log/${word}`)),
      )

      const traceIds = responses.map(traceIdOf)
      assert.equal(new Set(traceIds).size, 200)
      await observed.receiver.waitFor('all two hundred spans', () =>
        traceIds.every((id) => observed.receiver.spans.some(({ traceId }) => traceId === id)),
      )
      // stdout is buffered for a moment.
      await Promise.all(
        traceIds.map((id) =>
          observed.service.waitForLine(
            `access line of ${id}`,
            (line) => line['trace_id'] === id && 'duration_ms' in line,
          ),
        ),
      )
      for (const [index, word] of words.entries()) {
        const lines = observed.service.lines.filter((line) => line['trace_id'] === traceIds[index])
        assert.deepEqual(
          lines.map((line) => line['word'] ?? line['url.path']),
          [word, word, `/log/${word}`],
        )
      }
    })

    it('lines stand in the order in which things happened, whoever writes them', async () => {
      const { url } = observed.service
      const ids: string[] = []
      // Only some of many get an exemplar, which is not put off.
      for (let round = 0; round < 5; round += 1) {
        ids.push(traceIdOf(await fetch(`${url}/parcels/ordered`)))
        ids.push(traceIdOf(await fetch(`${url}/log/ordered`)))
      }

      await observed.service.waitForLine(
        'the last access line',
        (line) => line['trace_id'] === ids.at(-1) && 'duration_ms' in line,
      )
      assert.deepEqual(
        observed.service.lines
          .filter((line) => ids.includes(String(line['trace_id'])))
          .map((line) => line['step'] ?? line['url.path']),
        ids.flatMap((_, index) =>
          index % 2 === 0 ? ['/parcels/ordered'] : [1, 2, '/log/ordered'],
        ),
      )
    })

    it('keep-alive and new connections leave the same', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const kept = [
        await send({ path: '/parcels/a', agent }),
        await send({ path: '/parcels/b', agent }),
        await send({ path: '/parcels/c', agent: new Agent() }),
      ]
      agent.destroy()

      assert.equal(kept[0]?.localPort, kept[1]?.localPort)
      assert.notEqual(kept[0]?.localPort, kept[2]?.localPort)
      for (const { headers } of kept) {
        assertOneOfEach(await observed.telemetryOf(String(headers['x-trace-id'])))
      }
    })

    /** With node:http, for what fetch cannot say. */
    function send(options: { method?: string; path: string; agent?: Agent }) {
      const { promise, resolve, reject } = Promise.withResolvers<{
        statusCode: number | undefined
        headers: NodeJS.Dict<string | string[]>
        localPort: number | undefined
      }>()
      const request = httpRequest(
        { host: '127.0.0.1', port: observed.service.port, ...options },
        (response) => {
          const localPort = request.socket?.localPort
          response
            .resume()
            .on('end', () =>
              resolve({ statusCode: response.statusCode, headers: response.headers, localPort }),
            )
        },
      )
      request.on('error', reject).end()
      return promise
    }

    async function hangUpOn(path: string): Promise<string> {
      const controller = new AbortController()
      const response = await fetch(`${observed.service.url}${path}`, { signal: controller.signal })
      await response.body?.getReader().read()
      controller.abort()
      return traceIdOf(response)
    }
  })

for (const recorder of ['lean', 'standard'])
  describe(`routes that can no longer be had, ${recorder} recorder`, () => {
    it('are a bug of the request that asks for them', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, BEHAVIOUR: 'lost-routes' },
      })

      const response = await fetch(`${observed.service.url}/parcels/1`)
      const telemetry = await observed.telemetryOf(traceIdOf(response))

      assert.equal(response.status, 500)
      assertOneOfEach(telemetry)
      assert.match(JSON.stringify(telemetry.accessLine['err']), /the routes are lost/)
      assert.deepEqual(telemetry.otherLines, [])
    })
  })

for (const recorder of ['lean', 'standard'])
  describe(`the observation of a request, ${recorder} recorder`, () => {
    it('is exactly one, under the route and the status', async () => {
      await using observed = await startObserved({ env: { TELEMETRY_RECORDER: recorder } })
      const paths = [
        '/parcels/1',
        '/parcels/2',
        '/parcels/special',
        '/bug',
        '/nowhere',
        '/expected',
      ]
      for (const path of paths) await (await fetch(`${observed.service.url}${path}`)).text()
      await (await fetch(`${observed.service.url}/parcels/1`, { method: 'PUT' })).text()

      const samples = await observed.samples()
      const count = (http_route: string, http_response_status_code: string) =>
        valueOf(samples, 'http_server_request_duration_seconds_count', {
          http_route,
          http_response_status_code,
        })
      assert.equal(count('/parcels/:id', '200'), 2)
      assert.equal(count('/parcels/special', '200'), 1)
      assert.equal(count('/bug', '500'), 1)
      assert.equal(count('/expected', '409'), 1)
      assert.equal(count('unmatched', '404'), 1)
      assert.equal(count('unmatched', '405'), 1)
      assert.equal(valueOf(samples, 'http_server_request_duration_seconds_count'), 7)
      assert.equal(valueOf(samples, 'http_server_active_requests'), 0)
    })

    it('is counted when somebody reads, however short after', async () => {
      await using observed = await startObserved({ env: { TELEMETRY_RECORDER: recorder } })
      const { url } = observed.service

      // The first of them has an exemplar, the others do not.
      for (let asked = 1; asked <= 5; asked += 1) {
        await (await fetch(`${url}/parcels/${asked}`)).text()
        const exposition = await (await fetch(`${url}/metrics`)).text()
        assert.equal(
          valueOf(samplesOf(exposition), 'http_server_request_duration_seconds_count'),
          asked,
        )
      }
    })

    it('has an exemplar with the ids of the first of its series and bucket, whose span is marked', async () => {
      await using observed = await startObserved({ env: { TELEMETRY_RECORDER: recorder } })
      const first = await fetch(`${observed.service.url}/slow?ms=300`)
      const second = await fetch(`${observed.service.url}/slow?ms=300`)
      const telemetry = await observed.telemetryOf(traceIdOf(first))

      const scrape = await fetch(`${observed.service.url}/metrics`, {
        headers: { accept: 'application/openmetrics-text' },
      })
      const exemplars = samplesOf(await scrape.text()).flatMap(({ exemplar }) => exemplar ?? [])
      assert.deepEqual(
        exemplars.map(({ labels }) => labels),
        [{ trace_id: telemetry.span.traceId, span_id: telemetry.span.spanId }],
      )
      assert.equal(telemetry.span.attributes['plainsight.exemplar'], true)
      const { span } = await observed.telemetryOf(traceIdOf(second))
      assert.ok(!('plainsight.exemplar' in span.attributes))
    })
  })

function assertOneOfEach({
  serverSpans,
  accessLines,
  accessRecords,
  span,
  accessLine,
  accessRecord,
}: RequestTelemetry): void {
  assert.equal(serverSpans.length, 1, 'server spans')
  assert.equal(accessLines.length, 1, 'access lines')
  assert.equal(accessRecords.length, 1, 'access records')
  assert.deepEqual([accessLine['trace_id'], accessLine['span_id']], [span.traceId, span.spanId])
  assert.deepEqual([accessRecord.traceId, accessRecord.spanId], [span.traceId, span.spanId])
}

function text(value: object): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? String(item) : item,
  )
}
