// What a request leaves, whichever recorder it is: every case runs with each of them.
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'

import { receivedLogRecords } from '../../../test/support/otlp/received-log-record.ts'
import type { ReceivedLogRecord } from '../../../test/support/otlp/received-log-record.ts'
import { receivedSpans } from '../../../test/support/otlp/received-span.ts'
import type { ReceivedSpan } from '../../../test/support/otlp/received-span.ts'
import { recorderKinds, startRecorder } from '../../../test/support/recorders/observed-recorder.ts'
import type { LeftTelemetry } from '../../../test/support/recorders/left-telemetry.ts'
import type { ObservedRecorder } from '../../../test/support/recorders/observed-recorder.ts'
import { ServiceError } from '../errors.ts'
import type { RecorderKind } from './recorder-kind.ts'
import { redacted } from './redaction.ts'
import type { RequestRecord } from './request-recorder.ts'

const callersTrace = '0af7651916cd43dd8448eb211c80319c'
const callersSpan = 'b7ad6b7169203331'

for (const kind of recorderKinds) {
  describe(`the ${kind} request recorder`, () => {
    it('leaves one span', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/users/:id')
        outgoing.end('hello')
      })

      const { localPort } = await server.ask({
        path: '/users/7?q=1&token=abc',
        headers: { 'user-agent': 'test' },
      })

      const span = await server.span()
      assert.equal(span.name, 'GET /users/:id')
      assert.equal(span.kind, 'SERVER')
      assert.equal(span.scope, 'plainsight')
      assert.equal(span.parentSpanId, '')
      assert.deepEqual(span.status, unset)
      assert.deepEqual(span.events, [])
      const { 'network.peer.port': peerPort, ...attributes } = span.attributes
      assert.equal(peerPort, localPort)
      assert.deepEqual(attributes, {
        'http.request.method': 'GET',
        'http.route': '/users/:id',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'url.path': '/users/7',
        'url.query': `q=1&token=${redacted}`,
        'server.address': '127.0.0.1',
        'server.port': server.port,
        'client.address': '127.0.0.1',
        'network.peer.address': '127.0.0.1',
        'network.protocol.version': '1.1',
        'user_agent.original': 'test',
        'plainsight.exemplar': true,
      })
    })

    it('leaves one line with the ids of the span', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/users/:id')
        outgoing.end('hello')
      })

      await server.ask({ path: '/users/7?token=abc' })

      const [line, ...others] = await server.lines()
      const { time: _time, duration_ms: duration, ...fields } = line!
      const { traceId, spanId } = await server.span()
      assert.deepEqual(others, [])
      assert.ok(typeof duration === 'number' && duration > 0 && duration < 5000)
      assert.deepEqual(fields, {
        level: 'info',
        service: 'test',
        msg: 'GET /users/7 200',
        trace_id: traceId,
        span_id: spanId,
        'http.request.method': 'GET',
        'http.route': '/users/:id',
        'http.response.status_code': 200,
        'url.path': '/users/7',
        'client.address': '127.0.0.1',
      })
    })

    it('leaves one log record that says the same as the line', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/users/:id')
        outgoing.end('hello')
      })

      await server.ask({ path: '/users/7?token=abc' })

      const [line] = await server.lines()
      const [record, ...others] = await server.records()
      const { level, time, service: _service, msg, trace_id, span_id, ...attributes } = line!
      assert.deepEqual(others, [])
      assert.partialDeepStrictEqual(record, {
        scope: 'plainsight',
        severityNumber: 9,
        severityText: String(level),
        body: String(msg),
        traceId: String(trace_id),
        spanId: String(span_id),
        flags: 1,
      })
      assert.equal(record?.timeNanos, BigInt(Date.parse(String(time))) * 1_000_000n)
      assert.deepEqual(record.attributes, attributes)
    })

    it('leaves one measurement with an exemplar of the span', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/users/:id')
        outgoing.end('hello')
      })

      await server.ask({ path: '/users/7' })

      const { traceId, spanId } = await server.span()
      const lines = await server.samples()
      assert.ok(
        lines.includes(
          'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/users/:id",http_response_status_code="200"} 1',
        ),
      )
      assert.deepEqual(
        lines.flatMap((line) => /# (\{.*\}) /.exec(line)?.slice(1) ?? []),
        [`{trace_id="${traceId}",span_id="${spanId}"}`],
      )
    })

    it('marks the span of an exemplar, and no other', async (t) => {
      // All durations in one bucket.
      t.mock.method(performance, 'now', () => 1000)
      const server = await recordingServer(t, kind, (_record, outgoing) => outgoing.end())

      await server.ask()
      await server.ask()
      await server.ask()

      const marks = (await server.spans()).map(
        ({ attributes }) => attributes['plainsight.exemplar'],
      )
      assert.deepEqual(marks, [true, undefined, undefined])
      assert.equal((await server.samples()).filter((line) => line.includes(' # ')).length, 1)
    })

    it('has no route where none answered', async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => {
        outgoing.writeHead(404).end()
      })

      await server.ask({ path: '/nowhere' })

      const span = await server.span()
      const [line] = await server.lines()
      assert.equal(span.name, 'GET')
      assert.equal('http.route' in span.attributes, false)
      assert.equal('http.route' in line!, false)
      assert.match((await server.samples()).join('\n'), /http_route="unmatched"/)
    })

    it('takes the route of the handler that ran last and did not pass on', async (t) => {
      const seen: (string | undefined)[] = []
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/*')
        record.setRoute(undefined)
        seen.push(record.route)
        record.setRoute('/users')
        seen.push(record.route)
        outgoing.end()
      })

      await server.ask({ path: '/users' })

      assert.deepEqual(seen, [undefined, '/users'])
      const span = await server.span()
      assert.equal(span.attributes['http.route'], '/users')
    })

    it('names a span with an unknown method HTTP, and shows the method on the line', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/files')
        outgoing.end()
      })

      await server.ask({ method: 'PROPFIND', path: '/files' })

      const span = await server.span()
      const [line] = await server.lines()
      assert.equal(span.name, 'HTTP /files')
      assert.partialDeepStrictEqual(line, {
        msg: 'PROPFIND /files 200',
        'http.request.method': '_OTHER',
        'http.request.method_original': 'PROPFIND',
      })
      assert.match((await server.samples()).join('\n'), /_count\{http_request_method="_OTHER"/)
    })

    it("continues the caller's trace", async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => outgoing.end())

      await server.ask({ headers: { traceparent: `00-${callersTrace}-${callersSpan}-01` } })

      const span = await server.span()
      assert.equal(span.traceId, callersTrace)
      assert.equal(span.parentSpanId, callersSpan)
      assert.deepEqual(span.links, [])
    })

    it('gives a span that is not sampled no exemplar, but line and measurement', async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => outgoing.end())

      await server.ask({ headers: { traceparent: `00-${callersTrace}-${callersSpan}-00` } })

      assert.deepEqual(await server.spans(), [])
      assert.partialDeepStrictEqual(await server.lines(), [{ trace_id: callersTrace }])
      const samples = (await server.samples()).join('\n')
      assert.match(samples, /_count\{.*\} 1/)
      assert.doesNotMatch(samples, / # /)
    })

    it("begins a trace of its own at the edge and links the caller's", async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => outgoing.end(), {
        INCOMING_TRACE_CONTEXT: 'link',
      })

      await server.ask({ headers: { traceparent: `00-${callersTrace}-${callersSpan}-00` } })

      const span = await server.span()
      assert.notEqual(span.traceId, callersTrace)
      assert.equal(span.parentSpanId, '')
      assert.deepEqual(
        span.links.map(({ traceId, spanId }) => [traceId, spanId]),
        [[callersTrace, callersSpan]],
      )
    })

    it('links nothing at the edge where the caller has no trace', async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => outgoing.end(), {
        INCOMING_TRACE_CONTEXT: 'link',
      })

      await server.ask({ headers: { traceparent: 'nonsense' } })

      const { links } = await server.span()
      assert.deepEqual(links, [])
    })

    it('makes what runs below it part of the request, also after an await', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing, { logger, tracer }) =>
        record.run(async () => {
          await sleep(1)
          logger.info('below')
          tracer.startSpan('child').end()
          outgoing.end()
        }),
      )

      await server.ask()

      const spans = await server.spans()
      const child = spans.find(({ name }) => name === 'child')
      const request = spans.find(({ kind }) => kind === 'SERVER')
      const [line] = await server.lines()
      const [record] = await server.records()
      assert.ok(request)
      assert.equal(child?.parentSpanId, request.spanId)
      assert.partialDeepStrictEqual(line, { msg: 'below', span_id: request.spanId })
      assert.partialDeepStrictEqual(record, { body: 'below', spanId: request.spanId })
    })

    it('begins no later than what is begun below it', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing, { tracer }) =>
        record.run(() => {
          tracer.startSpan('child').end()
          outgoing.end()
        }),
      )

      // At various parts of a millisecond.
      for (let times = 0; times < 30; times += 1) await server.ask()

      const spans = await server.spans()
      const starts = new Map(spans.map(({ spanId, startNanos }) => [spanId, startNanos]))
      const children = spans.filter(({ name }) => name === 'child')
      assert.equal(children.length, 30)
      for (const { parentSpanId, startNanos } of children) {
        assert.ok(startNanos >= (starts.get(parentSpanId) ?? Infinity))
      }
    })

    it('leaves the storages of others as they were, below it and behind it', async (t) => {
      const theirs = new AsyncLocalStorage<string>()
      const seen: unknown[] = []
      const server = await recordingServer(t, kind, (record, outgoing) =>
        theirs.run('before', async () => {
          const done = record.run(async () => {
            seen.push(theirs.getStore())
            theirs.enterWith('below')
            await sleep(1)
            seen.push(theirs.getStore(), trace.getActiveSpan() !== undefined)
          })
          seen.push(theirs.getStore(), trace.getActiveSpan())
          assert.throws(() => record.run(() => assert.fail('thrown')), { message: 'thrown' })
          seen.push(theirs.getStore(), trace.getActiveSpan())
          await done
          outgoing.end()
        }),
      )

      await server.ask()

      const behind = ['before', undefined]
      assert.deepEqual(seen, ['before', ...behind, ...behind, 'below', true])
    })

    for (const flags of ['00', '01']) {
      it(`is one span whenever somebody asks, until it has ended: trace flags ${flags}`, async (t) => {
        const asked: (Span | undefined)[] = []
        const { promise: done, resolve } = Promise.withResolvers<void>()
        const server = await recordingServer(t, kind, (record, outgoing) =>
          record.run(async () => {
            if (outgoing.req.url === '/asked') asked.push(trace.getActiveSpan())
            outgoing.end()
            await once(outgoing, 'close')
            asked.push(trace.getActiveSpan())
            if (outgoing.req.url === '/late') resolve()
          }),
        )
        const headers = { traceparent: `00-${callersTrace}-${callersSpan}-${flags}` }

        await server.ask({ path: '/asked', headers })
        await server.ask({ path: '/late', headers })
        await done

        const [first, again, late] = asked
        assert.equal(first?.spanContext().traceId, callersTrace)
        assert.equal(again, first)
        assert.equal(again?.isRecording(), false)
        assert.equal(late?.spanContext().traceId, callersTrace)
        assert.equal(late?.isRecording(), false)
      })
    }

    it('does not call an expected refusal a failure', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/users/:id')
        record.fail(new ServiceError('not-found', 'unknown-user', 'There is no such user.'))
        outgoing.writeHead(404).end()
      })

      await server.ask({ path: '/users/7' })

      const span = await server.span()
      const [line] = await server.lines()
      assert.deepEqual(span.status, unset)
      assert.equal('error.type' in span.attributes, false)
      assert.deepEqual(span.events, [])
      assert.partialDeepStrictEqual(line, { level: 'info', 'problem.code': 'unknown-user' })
      assert.equal('err' in line!, false)
      assert.equal('error.type' in line!, false)
    })

    it('calls an expected failure of the service by its code', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.fail(new ServiceError('unavailable', 'store-away', 'Try again later.'))
        outgoing.writeHead(503).end()
      })

      await server.ask()

      const span = await server.span()
      assert.deepEqual(span.status, failed)
      assert.equal(span.attributes['error.type'], 'store-away')
      assert.deepEqual(span.events, [])
      assert.partialDeepStrictEqual(await server.lines(), [
        { level: 'error', 'error.type': 'store-away', 'problem.code': 'store-away' },
      ])
    })

    it('writes a bug with its stack, on the line and on the span', async (t) => {
      const bug = new TypeError('x is not a function')
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.fail(bug)
        outgoing.writeHead(500).end()
      })

      await server.ask()

      const span = await server.span()
      assert.deepEqual(span.status, failed)
      assert.equal(span.attributes['error.type'], 'TypeError')
      assert.deepEqual(
        span.events.map(({ name, attributes }) => [name, { ...attributes }]),
        [
          [
            'exception',
            {
              'exception.type': 'TypeError',
              'exception.message': 'x is not a function',
              'exception.stacktrace': bug.stack,
            },
          ],
        ],
      )
      const lines = await server.lines()
      assert.equal(lines.length, 1)
      assert.partialDeepStrictEqual(lines, [
        {
          level: 'error',
          'error.type': 'TypeError',
          err: { type: 'TypeError', message: 'x is not a function', stack: bug.stack },
        },
      ])
      assert.partialDeepStrictEqual(await server.records(), [
        {
          severityText: 'error',
          attributes: { 'exception.type': 'TypeError', 'exception.stacktrace': bug.stack! },
        },
      ])
    })

    it('calls a failure that nobody explained by its status', async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => {
        outgoing.writeHead(502).end()
      })

      await server.ask()

      const span = await server.span()
      assert.deepEqual(span.status, failed)
      assert.equal(span.attributes['error.type'], '502')
      assert.partialDeepStrictEqual(await server.lines(), [{ level: 'error', 'error.type': '502' }])
    })

    it('tells of a client that left before its answer', async (t) => {
      const arrived = Promise.withResolvers<void>()
      const server = await recordingServer(t, kind, () => arrived.resolve())

      const client = server.begin()
      await arrived.promise
      client.destroy()
      await server.closed()

      const span = await server.span()
      assert.equal(span.attributes['error.type'], 'client_disconnected')
      assert.equal('http.response.status_code' in span.attributes, false)
      assert.deepEqual(span.status, failed)
      assert.partialDeepStrictEqual(await server.lines(), [
        { level: 'info', msg: 'GET / unanswered', 'error.type': 'client_disconnected' },
      ])
      assert.match((await server.samples()).join('\n'), /http_response_status_code=""\} 1/)
    })

    it('tells of a client that left in the middle of its answer', async (t) => {
      const server = await recordingServer(t, kind, (_record, outgoing) => {
        outgoing.write('the beginning')
      })

      const client = server.begin()
      await once(client, 'response')
      client.destroy()
      await server.closed()

      const { attributes } = await server.span()
      assert.partialDeepStrictEqual(attributes, {
        'error.type': 'client_disconnected',
        'http.response.status_code': 200,
      })
      assert.partialDeepStrictEqual(await server.lines(), [{ level: 'info', msg: 'GET / 200' }])
    })

    it('tells of an answer that broke off otherwise than of a client that left', async (t) => {
      const server = await recordingServer(t, kind, async (_record, outgoing) => {
        outgoing.write('the beginning')
        await sleep(5)
        outgoing.destroy(new RangeError('no more data'))
      })

      const client = server.begin()
      await server.closed()
      client.destroy()

      const { attributes, status } = await server.span()
      assert.partialDeepStrictEqual(attributes, {
        'error.type': 'RangeError',
        'http.response.status_code': 200,
      })
      assert.deepEqual(status, failed)
      assert.partialDeepStrictEqual(await server.lines(), [
        { level: 'error', 'error.type': 'RangeError', err: { message: 'no more data' } },
      ])
    })

    it('knows the error with which an answer breaks off, until its line is written', async (t) => {
      const error = new Error('no more data')
      const known: boolean[] = []
      const server = await recordingServer(t, kind, (_record, outgoing, { recorder }) => {
        outgoing.write('the beginning')
        known.push(recorder.willRecord(error))
        outgoing.destroy(error)
        known.push(recorder.willRecord(error), recorder.willRecord(new Error('another')))
      })

      const client = server.begin()
      await server.closed()
      client.destroy()

      assert.deepEqual(known, [false, true, false])
      assert.equal(server.recorder.willRecord(error), false)
    })

    it('lasts until the last byte of the answer left', async (t) => {
      const server = await recordingServer(t, kind, async (_record, outgoing) => {
        outgoing.write('a')
        await sleep(60)
        outgoing.end('b')
      })

      await server.ask()

      const { startNanos, endNanos } = await server.span()
      const [line] = await server.lines()
      assert.ok(endNanos - startNanos >= 50_000_000n)
      assert.ok(Number(line?.['duration_ms']) >= 50)
    })

    it('counts requests under way', async (t) => {
      const during: string[] = []
      const server = await recordingServer(t, kind, async (_record, outgoing, { samples }) => {
        during.push(...(await samples()).filter((line) => line.includes('active_requests')))
        outgoing.end()
      })

      await server.ask()

      const name = 'http_server_active_requests{http_request_method="GET",url_scheme="http"}'
      assert.deepEqual(during, [`${name} 1`])
      assert.ok((await server.samples()).includes(`${name} 0`))
    })

    it('writes a bug that shows only after the client had left', async (t) => {
      const server = await serverThatFailsLate(t, kind, new TypeError('too late'))

      const [, late] = await server.lines()
      const { traceId } = await server.span()
      assert.partialDeepStrictEqual(late, {
        level: 'error',
        msg: 'failed after its client had left',
        err: { type: 'TypeError', message: 'too late' },
        trace_id: traceId,
      })
    })

    it('does not write work that was called off with its client', async (t) => {
      const aborted = new DOMException('This operation was aborted', 'AbortError')

      const server = await serverThatFailsLate(t, kind, aborted)

      assert.equal((await server.lines()).length, 1)
    })

    it('does not write an expected failure after the client had left', async (t) => {
      const server = await serverThatFailsLate(
        t,
        kind,
        new ServiceError('timeout', 'slow', 'Too slow.'),
      )

      assert.equal((await server.lines()).length, 1)
    })

    it('begins each record for itself', async (t) => {
      const server = await recordingServer(t, kind, (record, outgoing) => {
        record.setRoute('/')
        outgoing.end(record.traceId)
      })

      const bodies = await Promise.all([server.ask(), server.ask(), server.ask()])

      const traces = (await server.spans()).map(({ traceId }) => traceId)
      assert.equal(new Set(traces).size, 3)
      assert.deepEqual(new Set(bodies.map(({ body }) => body)), new Set(traces))
    })
  })
}

const unset = { code: 'UNSET', message: '' }
const failed = { code: 'ERROR', message: '' }

type Handle = (
  record: RequestRecord,
  outgoing: ServerResponse,
  surroundings: Pick<ObservedRecorder, 'recorder' | 'logger' | 'tracer'> & {
    samples(): Promise<string[]>
  },
) => unknown

/** A server that records every request and leaves the answer to `handle`. It ends with the test. */
async function recordingServer(
  t: TestContext,
  kind: RecorderKind,
  handle: Handle,
  env: Record<string, string> = {},
) {
  const observed = await startRecorder(kind, { env })
  const { recorder, logger, tracer, left } = observed
  /** What a scraper reads, without comments. */
  async function samples(): Promise<string[]> {
    const { exposition } = await left()
    return exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }

  const closings: Promise<void>[] = []
  const firstClosed = Promise.withResolvers<void>()
  const server = createServer((incoming, outgoing) => {
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`)
    const record = recorder.begin(request, incoming, outgoing)
    outgoing.once('close', () => record.close())
    closings.push(new Promise((resolve) => outgoing.once('close', resolve)))
    outgoing.once('close', () => firstClosed.resolve())
    void handle(record, outgoing, { recorder, logger, tracer, samples })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.close()
    server.closeAllConnections()
    await observed[Symbol.asyncDispose]()
  })

  const { port } = server.address() as AddressInfo
  return {
    port,
    recorder,
    samples,
    spans: async () => spansIn(await left()),
    span: async () => onlySpan(spansIn(await left())),
    records: async () => recordsIn(await left()),
    lines: async () =>
      (await left()).lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** Sends a request; whoever does so destroys it. */
    begin(request: RequestOptions = {}) {
      const client = httpRequest({ host: '127.0.0.1', port, agent: false, ...request })
      client.on('error', () => {})
      client.on('response', (response) => response.on('error', () => {}).resume())
      return client.end()
    },
    /** Resolves when the first record is closed. */
    closed: () => firstClosed.promise,
    async ask(request: RequestOptions = {}) {
      const client = httpRequest({ host: '127.0.0.1', port, agent: false, ...request }).end()
      const [response] = (await once(client, 'response')) as [IncomingMessage]
      const localPort = client.socket?.localPort
      const body = await text(response)
      // The client may have the last byte before the server knows.
      await Promise.all(closings)
      return { headers: response.headers, body, localPort }
    },
  }
}

async function serverThatFailsLate(t: TestContext, kind: RecorderKind, error: Error) {
  const arrived = Promise.withResolvers<RequestRecord>()
  const server = await recordingServer(t, kind, (record) => arrived.resolve(record))
  const client = server.begin()
  const record = await arrived.promise
  client.destroy()
  await server.closed()
  record.fail(error)
  return server
}

function spansIn({ otlp }: LeftTelemetry): ReceivedSpan[] {
  return otlp.traces.flatMap(receivedSpans)
}

function recordsIn({ otlp }: LeftTelemetry): ReceivedLogRecord[] {
  return otlp.logs.flatMap(receivedLogRecords)
}

function onlySpan(spans: ReceivedSpan[]): ReceivedSpan {
  assert.equal(spans.length, 1)
  return spans[0]!
}
