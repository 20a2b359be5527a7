import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

import { ServiceError } from '../errors.ts'
import { GuardedRegistry } from './guarded-registry.ts'
import { createLogger } from './logger.ts'
import { redacted } from './redaction.ts'
import { createRequestMetrics } from './request-metrics.ts'
import type { RequestRecord, RequestRecorder } from './request-recorder.ts'
import { standardRequestRecorder } from './standard-request-recorder.ts'
import type { RecorderOptions } from './standard-request-recorder.ts'

const exporter = new InMemorySpanExporter()
const sdk = new NodeSDK({
  resourceDetectors: [],
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  logRecordProcessors: [],
  metricReaders: [],
})

const callersTrace = '0af7651916cd43dd8448eb211c80319c'
const callersSpan = 'b7ad6b7169203331'

before(() => sdk.start())
afterEach(() => exporter.reset())
after(() => sdk.shutdown())

describe('standardRequestRecorder', () => {
  it('leaves one span', async (t) => {
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/users/:id')
      outgoing.end('hello')
    })

    await server.ask({ path: '/users/7?q=1&token=abc', headers: { 'user-agent': 'test' } })

    const span = onlySpan()
    assert.equal(span.name, 'GET /users/:id')
    assert.equal(span.kind, SpanKind.SERVER)
    assert.equal(span.parentSpanContext, undefined)
    assert.deepEqual(span.status, { code: SpanStatusCode.UNSET })
    assert.deepEqual(span.events, [])
    const { 'network.peer.port': peerPort, ...attributes } = span.attributes
    assert.equal(typeof peerPort, 'number')
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
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/users/:id')
      outgoing.end('hello')
    })

    await server.ask({ path: '/users/7?token=abc' })

    const [line, ...others] = server.records()
    const { time: _time, duration_ms: duration, ...fields } = line!
    const { traceId, spanId } = onlySpan().spanContext()
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

  it('leaves one measurement with an exemplar of the span', async (t) => {
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/users/:id')
      outgoing.end('hello')
    })

    await server.ask({ path: '/users/7' })

    const { traceId, spanId } = onlySpan().spanContext()
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
    const server = await recordingServer(t, (_record, outgoing) => outgoing.end())

    await server.ask()
    await server.ask()
    await server.ask()

    const marks = exporter
      .getFinishedSpans()
      .map(({ attributes }) => attributes['plainsight.exemplar'])
    assert.deepEqual(marks, [true, undefined, undefined])
    assert.equal((await server.samples()).filter((line) => line.includes(' # ')).length, 1)
  })

  it('tells the caller the trace', async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => outgoing.end())

    const { headers } = await server.ask()

    assert.equal(headers['x-trace-id'], onlySpan().spanContext().traceId)
  })

  it('has no route where none answered', async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => {
      outgoing.writeHead(404).end()
    })

    await server.ask({ path: '/nowhere' })

    assert.equal(onlySpan().name, 'GET')
    assert.equal('http.route' in onlySpan().attributes, false)
    assert.equal('http.route' in server.records()[0]!, false)
    assert.match((await server.samples()).join('\n'), /http_route="unmatched"/)
  })

  it('takes the route of the handler that ran last and did not pass on', async (t) => {
    const seen: (string | undefined)[] = []
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/*')
      record.setRoute(undefined)
      seen.push(record.route)
      record.setRoute('/users')
      seen.push(record.route)
      outgoing.end()
    })

    await server.ask({ path: '/users' })

    assert.deepEqual(seen, [undefined, '/users'])
    assert.equal(onlySpan().attributes['http.route'], '/users')
  })

  it('names a span with an unknown method HTTP, and shows the method on the line', async (t) => {
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/files')
      outgoing.end()
    })

    await server.ask({ method: 'PROPFIND', path: '/files' })

    assert.equal(onlySpan().name, 'HTTP /files')
    assert.partialDeepStrictEqual(server.records()[0], {
      msg: 'PROPFIND /files 200',
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
    })
    assert.match((await server.samples()).join('\n'), /_count\{http_request_method="_OTHER"/)
  })

  it("continues the caller's trace", async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => outgoing.end())

    await server.ask({ headers: { traceparent: `00-${callersTrace}-${callersSpan}-01` } })

    assert.equal(onlySpan().spanContext().traceId, callersTrace)
    assert.equal(onlySpan().parentSpanContext?.spanId, callersSpan)
    assert.deepEqual(onlySpan().links, [])
  })

  it('gives a span that is not sampled no exemplar, but line and measurement', async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => outgoing.end())

    await server.ask({ headers: { traceparent: `00-${callersTrace}-${callersSpan}-00` } })

    assert.deepEqual(exporter.getFinishedSpans(), [])
    assert.partialDeepStrictEqual(server.records(), [{ trace_id: callersTrace }])
    const samples = (await server.samples()).join('\n')
    assert.match(samples, /_count\{.*\} 1/)
    assert.doesNotMatch(samples, / # /)
  })

  it("begins a trace of its own at the edge and links the caller's", async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => outgoing.end(), {
      incomingTraceContext: 'link',
    })

    await server.ask({ headers: { traceparent: `00-${callersTrace}-${callersSpan}-00` } })

    const span = onlySpan()
    assert.notEqual(span.spanContext().traceId, callersTrace)
    assert.equal(span.parentSpanContext, undefined)
    assert.deepEqual(
      span.links.map(({ context }) => [context.traceId, context.spanId]),
      [[callersTrace, callersSpan]],
    )
  })

  it('links nothing at the edge where the caller has no trace', async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => outgoing.end(), {
      incomingTraceContext: 'link',
    })

    await server.ask({ headers: { traceparent: 'nonsense' } })

    assert.deepEqual(onlySpan().links, [])
  })

  it('makes what runs below it part of the request, also after an await', async (t) => {
    const server = await recordingServer(t, (record, outgoing, { logger }) =>
      record.run(async () => {
        await sleep(1)
        logger.info('below')
        trace.getTracer('test').startSpan('child').end()
        outgoing.end()
      }),
    )

    await server.ask()

    const [child, request] = exporter.getFinishedSpans()
    assert.equal(child?.name, 'child')
    assert.equal(child.parentSpanContext?.spanId, request?.spanContext().spanId)
    assert.partialDeepStrictEqual(server.records()[0], {
      msg: 'below',
      span_id: request?.spanContext().spanId,
    })
  })

  it('does not call an expected refusal a failure', async (t) => {
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/users/:id')
      record.fail(new ServiceError('not-found', 'unknown-user', 'There is no such user.'))
      outgoing.writeHead(404).end()
    })

    await server.ask({ path: '/users/7' })

    assert.deepEqual(onlySpan().status, { code: SpanStatusCode.UNSET })
    assert.equal('error.type' in onlySpan().attributes, false)
    assert.deepEqual(onlySpan().events, [])
    const [line] = server.records()
    assert.partialDeepStrictEqual(line, { level: 'info', 'problem.code': 'unknown-user' })
    assert.equal('err' in line!, false)
    assert.equal('error.type' in line!, false)
  })

  it('calls an expected failure of the service by its code', async (t) => {
    const server = await recordingServer(t, (record, outgoing) => {
      record.fail(new ServiceError('unavailable', 'store-away', 'Try again later.'))
      outgoing.writeHead(503).end()
    })

    await server.ask()

    assert.deepEqual(onlySpan().status, { code: SpanStatusCode.ERROR })
    assert.equal(onlySpan().attributes['error.type'], 'store-away')
    assert.deepEqual(onlySpan().events, [])
    assert.partialDeepStrictEqual(server.records(), [
      { level: 'error', 'error.type': 'store-away', 'problem.code': 'store-away' },
    ])
  })

  it('writes a bug with its stack, on the line and on the span', async (t) => {
    const bug = new TypeError('x is not a function')
    const server = await recordingServer(t, (record, outgoing) => {
      record.fail(bug)
      outgoing.writeHead(500).end()
    })

    await server.ask()

    const span = onlySpan()
    assert.deepEqual(span.status, { code: SpanStatusCode.ERROR })
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
    assert.partialDeepStrictEqual(server.records(), [
      {
        level: 'error',
        'error.type': 'TypeError',
        err: { type: 'TypeError', message: 'x is not a function', stack: bug.stack },
      },
    ])
    assert.equal(server.records().length, 1)
  })

  it('calls a failure that nobody explained by its status', async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => {
      outgoing.writeHead(502).end()
    })

    await server.ask()

    assert.deepEqual(onlySpan().status, { code: SpanStatusCode.ERROR })
    assert.equal(onlySpan().attributes['error.type'], '502')
    assert.partialDeepStrictEqual(server.records(), [{ level: 'error', 'error.type': '502' }])
  })

  it('tells of a client that left before its answer', async (t) => {
    const arrived = Promise.withResolvers<void>()
    const server = await recordingServer(t, () => arrived.resolve())

    const client = server.begin()
    await arrived.promise
    client.destroy()
    await server.closed()

    const span = onlySpan()
    assert.equal(span.attributes['error.type'], 'client_disconnected')
    assert.equal('http.response.status_code' in span.attributes, false)
    assert.deepEqual(span.status, { code: SpanStatusCode.ERROR })
    assert.partialDeepStrictEqual(server.records(), [
      { level: 'info', msg: 'GET / unanswered', 'error.type': 'client_disconnected' },
    ])
    assert.match((await server.samples()).join('\n'), /http_response_status_code=""\} 1/)
  })

  it('tells of a client that left in the middle of its answer', async (t) => {
    const server = await recordingServer(t, (_record, outgoing) => {
      outgoing.write('the beginning')
    })

    const client = server.begin()
    await once(client, 'response')
    client.destroy()
    await server.closed()

    assert.partialDeepStrictEqual(onlySpan().attributes, {
      'error.type': 'client_disconnected',
      'http.response.status_code': 200,
    })
    assert.partialDeepStrictEqual(server.records(), [{ level: 'info', msg: 'GET / 200' }])
  })

  it('tells of an answer that broke off otherwise than of a client that left', async (t) => {
    const server = await recordingServer(t, async (_record, outgoing) => {
      outgoing.write('the beginning')
      await sleep(5)
      outgoing.destroy(new RangeError('no more data'))
    })

    const client = server.begin()
    await server.closed()
    client.destroy()

    assert.partialDeepStrictEqual(onlySpan().attributes, {
      'error.type': 'RangeError',
      'http.response.status_code': 200,
    })
    assert.deepEqual(onlySpan().status, { code: SpanStatusCode.ERROR })
    assert.partialDeepStrictEqual(server.records(), [
      { level: 'error', 'error.type': 'RangeError', err: { message: 'no more data' } },
    ])
  })

  it('knows the error with which an answer breaks off, until its line is written', async (t) => {
    const error = new Error('no more data')
    const known: boolean[] = []
    const server = await recordingServer(t, (_record, outgoing, { recorder }) => {
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
    const server = await recordingServer(t, async (_record, outgoing) => {
      outgoing.write('a')
      await sleep(60)
      outgoing.end('b')
    })

    await server.ask()

    assert.ok(hrTimeToMilliseconds(onlySpan().duration) >= 50)
    assert.ok(Number(server.records()[0]?.['duration_ms']) >= 50)
  })

  it('counts requests under way', async (t) => {
    const during: string[] = []
    const server = await recordingServer(t, async (_record, outgoing, { samples }) => {
      during.push(...(await samples()).filter((line) => line.includes('active_requests')))
      outgoing.end()
    })

    await server.ask()

    const name = 'http_server_active_requests{http_request_method="GET",url_scheme="http"}'
    assert.deepEqual(during, [`${name} 1`])
    assert.ok((await server.samples()).includes(`${name} 0`))
  })

  it('writes a bug that shows only after the client had left', async (t) => {
    const server = await serverThatFailsLate(t, new TypeError('too late'))

    const late = server.records()[1]
    assert.partialDeepStrictEqual(late, {
      level: 'error',
      msg: 'failed after its client had left',
      err: { type: 'TypeError', message: 'too late' },
      trace_id: onlySpan().spanContext().traceId,
    })
  })

  it('does not write work that was called off with its client', async (t) => {
    const aborted = new DOMException('This operation was aborted', 'AbortError')

    const server = await serverThatFailsLate(t, aborted)

    assert.equal(server.records().length, 1)
  })

  it('does not write an expected failure after the client had left', async (t) => {
    const server = await serverThatFailsLate(t, new ServiceError('timeout', 'slow', 'Too slow.'))

    assert.equal(server.records().length, 1)
  })

  it('begins each record for itself', async (t) => {
    const server = await recordingServer(t, (record, outgoing) => {
      record.setRoute('/')
      outgoing.end(record.traceId)
    })

    const bodies = await Promise.all([server.ask(), server.ask(), server.ask()])

    const traces = exporter.getFinishedSpans().map((span) => span.spanContext().traceId)
    assert.equal(new Set(traces).size, 3)
    assert.deepEqual(new Set(bodies.map(({ body }) => body)), new Set(traces))
  })
})

type Handle = (
  record: RequestRecord,
  outgoing: ServerResponse,
  surroundings: {
    recorder: RequestRecorder
    logger: RecorderOptions['logger']
    samples(): Promise<string[]>
  },
) => unknown

/** A server that records every request and leaves the answer to `handle`. It ends with the test. */
async function recordingServer(
  t: TestContext,
  handle: Handle,
  options: Partial<RecorderOptions> = {},
) {
  const registry = new GuardedRegistry(100)
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void lines.push(line) },
  })
  const recorder = standardRequestRecorder({
    logger,
    metrics: createRequestMetrics(registry),
    trustedProxies: undefined,
    incomingTraceContext: 'continue',
    ...options,
  })
  /** What a scraper reads, without comments. */
  async function samples(): Promise<string[]> {
    const exposition = await registry.metrics()
    return exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }

  const closings: Promise<void>[] = []
  const firstClosed = Promise.withResolvers<void>()
  const server = createServer((incoming, outgoing) => {
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`)
    const record = recorder.begin(request, incoming, outgoing)
    closings.push(new Promise((resolve) => outgoing.once('close', resolve)))
    outgoing.once('close', () => firstClosed.resolve())
    void handle(record, outgoing, { recorder, logger, samples })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })

  const { port } = server.address() as AddressInfo
  return {
    port,
    recorder,
    samples,
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
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
      const body = await text(response)
      // The client may have the last byte before the server knows.
      await Promise.all(closings)
      return { headers: response.headers, body }
    },
  }
}

async function serverThatFailsLate(t: TestContext, error: Error) {
  const arrived = Promise.withResolvers<RequestRecord>()
  const server = await recordingServer(t, (record) => arrived.resolve(record))
  const client = server.begin()
  const record = await arrived.promise
  client.destroy()
  await server.closed()
  record.fail(error)
  return server
}

function onlySpan(): ReadableSpan {
  const spans = exporter.getFinishedSpans()
  assert.equal(spans.length, 1)
  return spans[0]!
}
