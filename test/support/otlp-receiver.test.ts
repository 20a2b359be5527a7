import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import {
  createTraceState,
  diag,
  ROOT_CONTEXT,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { Attributes, LogRecord, SpanContext } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as HttpLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import type { LogRecordExporter } from '@opentelemetry/sdk-logs'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanExporter } from '@opentelemetry/sdk-trace'

import { startOtlpReceiver } from './otlp-receiver.ts'
import type { AttributeValue, OtlpReceiver, ReceivedSpan } from './otlp-receiver.ts'

describe('the OTLP receiver', () => {
  it('decodes a span sent over gRPC', async () => {
    await using receiver = await startOtlpReceiver()
    const exporter = new GrpcTraceExporter({ url: receiver.grpcUrl })

    await assertDecodesASpan(receiver, exporter)

    assert.partialDeepStrictEqual(receiver.headers[0], {
      '(protocol)': 'grpc',
      '(signal)': 'traces',
    })
  })

  it('decodes a span sent over HTTP', async () => {
    await using receiver = await startOtlpReceiver()
    const exporter = new HttpTraceExporter({
      url: `${receiver.httpUrl}/v1/traces`,
      headers: { 'X-Tenant': 'blue' },
    })

    await assertDecodesASpan(receiver, exporter)

    assert.partialDeepStrictEqual(receiver.headers[0], {
      '(protocol)': 'http/protobuf',
      '(signal)': 'traces',
      'content-type': 'application/x-protobuf',
      'x-tenant': 'blue',
    })
  })

  it('decodes a log record sent over gRPC', async () => {
    await using receiver = await startOtlpReceiver()

    await assertDecodesALogRecord(receiver, new GrpcLogExporter({ url: receiver.grpcUrl }))
  })

  it('decodes a log record sent over HTTP', async () => {
    await using receiver = await startOtlpReceiver()
    const exporter = new HttpLogExporter({ url: `${receiver.httpUrl}/v1/logs` })

    await assertDecodesALogRecord(receiver, exporter)
  })

  it('decodes gzip bodies of both protocols', async (t) => {
    process.env['OTEL_EXPORTER_OTLP_COMPRESSION'] = 'gzip'
    t.after(() => delete process.env['OTEL_EXPORTER_OTLP_COMPRESSION'])
    await using receiver = await startOtlpReceiver()

    await assertDecodesASpan(receiver, new GrpcTraceExporter({ url: receiver.grpcUrl }))
    receiver.spans.length = 0
    await assertDecodesASpan(
      receiver,
      new HttpTraceExporter({ url: `${receiver.httpUrl}/v1/traces` }),
    )

    assert.equal(receiver.headers.at(-1)?.['content-encoding'], 'gzip')
  })

  it('takes more than the 4 MiB that gRPC allows by default', async () => {
    await using receiver = await startOtlpReceiver()
    const exporter = new GrpcTraceExporter({ url: receiver.grpcUrl })

    const result = await exportSpans(exporter, [{ text: 'x'.repeat(5 * 1024 ** 2) }])

    assert.equal(result.code, ExportResultCode.SUCCESS)
    assert.equal(JSON.stringify(receiver.spans[0]?.attributes['text']).length - 2, 5 * 1024 ** 2)
  })

  it('answers unavailable', async () => {
    await using receiver = await startOtlpReceiver({ mode: 'unavailable' })

    const grpc = await exportSpans(new GrpcTraceExporter({ url: receiver.grpcUrl }))
    const http = await post(receiver, '/v1/traces')

    assert.equal(codeOf(grpc), 14)
    assert.equal(http.status, 503)
    assert.equal(receiver.spans.length, 0)
    assert.equal(receiver.headers.length, 2)
  })

  it('rejects', async () => {
    await using receiver = await startOtlpReceiver({ mode: 'reject' })

    const grpc = await exportSpans(new GrpcTraceExporter({ url: receiver.grpcUrl }))
    const http = await exportSpans(new HttpTraceExporter({ url: `${receiver.httpUrl}/v1/traces` }))

    assert.equal(codeOf(grpc), 3)
    assert.equal(codeOf(http), 400)
    assert.equal(receiver.spans.length, 0)
  })

  it('accepts all but the first item when partial, and tells both exporters', async (t) => {
    const warnings = warningsOfTheSdk(t)
    await using receiver = await startOtlpReceiver({ mode: 'partial' })

    await exportSpans(new GrpcTraceExporter({ url: receiver.grpcUrl }), [{}, {}, {}])
    await exportSpans(new HttpTraceExporter({ url: `${receiver.httpUrl}/v1/traces` }), [{}, {}])

    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['span 1', 'span 2', 'span 1'],
    )
    assert.equal(warnings.length, 2)
    for (const warning of warnings) assert.match(warning, /"rejectedSpans":1.*one too many/)
  })

  it('takes part of the log records when partial', async (t) => {
    const warnings = warningsOfTheSdk(t)
    await using receiver = await startOtlpReceiver({ mode: 'partial' })

    await emit(new GrpcLogExporter({ url: receiver.grpcUrl }), {})

    assert.match(warnings.join(), /"rejectedLogRecords":1.*one too many/)
    assert.deepEqual(receiver.logs, [])
  })

  it('leaves calls hanging when silent, and is still gone at once', async () => {
    const receiver = await startOtlpReceiver({ mode: 'silent' })
    const answers = [
      exportSpans(new GrpcTraceExporter({ url: receiver.grpcUrl })),
      post(receiver, '/v1/logs').catch(String),
    ]
    await receiver.waitFor('two calls', () => receiver.headers.length === 2)
    const first = await Promise.race([sleep(100, 'nothing'), ...answers])

    const startedAt = performance.now()
    await receiver[Symbol.asyncDispose]()

    assert.ok(performance.now() - startedAt < 1000)
    assert.equal(first, 'nothing')
    assert.deepEqual(receiver.spans, [])
    await Promise.all(answers)
  })

  it('comes back on the same ports', async () => {
    const before = await startOtlpReceiver()
    const exporter = new GrpcTraceExporter({ url: before.grpcUrl })
    await exportSpans(exporter)
    await before[Symbol.asyncDispose]()

    const { grpcPort, httpPort } = before
    await using after = await startOtlpReceiver({ grpcPort, httpPort })

    assert.deepEqual([after.grpcPort, after.httpPort], [grpcPort, httpPort])
    await after.waitFor('a span of the same exporter', () => {
      void exportSpans(exporter)
      return after.spans[0]
    })
  })

  it('starts in full or not at all', async (t) => {
    t.mock.method(console, 'error', ignore) // grpc-js tells of the occupied port there, too
    await using occupied = await startOtlpReceiver()

    await assert.rejects(startOtlpReceiver({ httpPort: occupied.httpPort }), { code: 'EADDRINUSE' })
    await assert.rejects(startOtlpReceiver({ grpcPort: occupied.grpcPort }), /EADDRINUSE/)
  })

  it('changes its mind while running', async () => {
    await using receiver = await startOtlpReceiver({ mode: 'reject' })
    const exporter = new GrpcTraceExporter({ url: receiver.grpcUrl })

    await exportSpans(exporter)
    receiver.setMode('accept')
    await exportSpans(exporter, [{ again: true }])

    assert.deepEqual(
      receiver.spans.map(({ attributes }) => attributes),
      [{ again: true }],
    )
  })

  it('refuses what is no OTLP over HTTP', async () => {
    await using receiver = await startOtlpReceiver()

    const statuses = await Promise.all([
      post(receiver, '/v1/traces', { body: 'not protobuf' }),
      post(receiver, '/v1/metrics'),
      post(receiver, '/v1/logs', { headers: { 'content-type': 'application/json' } }),
      fetch(`${receiver.httpUrl}/v1/logs`),
    ])

    assert.deepEqual(
      statuses.map(({ status }) => status),
      [400, 404, 415, 405],
    )
  })

  it('says what did arrive when it waited in vain', async () => {
    await using receiver = await startOtlpReceiver()
    await exportSpans(new GrpcTraceExporter({ url: receiver.grpcUrl }))
    await emit(new GrpcLogExporter({ url: receiver.grpcUrl }), { body: { big: 2 ** 60 } })

    await assert.rejects(
      receiver.waitFor('span from afar', () => undefined, 50),
      /no span from afar within 50 ms.* 2 export calls .*INTERNAL span 0.*INFO .*1152921504606846976/,
    )
  })
})

const attributes: Attributes = {
  text: 'größe',
  whole: 42,
  negative: -7,
  huge: 2 ** 60,
  fraction: 0.25,
  yes: true,
  no: false,
  zero: 0,
  empty: '',
  texts: ['a', 'b'],
  none: [],
  nested: { depth: { list: [1, 'two', null, { three: 3.5 }] } },
  bytes: new Uint8Array([1, 2, 255]),
}

const decodedAttributes: Record<string, AttributeValue> = {
  ...(attributes as Record<string, AttributeValue>),
  huge: 1152921504606846976n,
  bytes: 'AQL/',
}

const remoteParent: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  isRemote: true,
  traceState: createTraceState('vendor=value'),
}

const linked: SpanContext = {
  traceId: 'f'.repeat(32),
  spanId: 'e'.repeat(16),
  traceFlags: 0,
}

async function assertDecodesASpan(receiver: OtlpReceiver, exporter: SpanExporter): Promise<void> {
  const { traceId, parentId, childId } = await sendParentAndChild(exporter)

  const child = await receiver.waitFor('child', () => spanNamed(receiver, 'child'))
  assert.deepEqual(child, {
    resource: { 'service.name': 'sender', 'process.pid': 12 },
    scope: 'the-tests',
    traceId,
    spanId: childId,
    parentSpanId: parentId,
    traceState: 'vendor=value',
    flags: 0x101,
    name: 'child',
    kind: 'CLIENT',
    startNanos: 1_700_000_000_123_456_789n,
    endNanos: 1_700_000_001_000_000_001n,
    attributes: decodedAttributes,
    events: [
      { name: 'retry', timeNanos: 1_700_000_000_500_000_000n, attributes: { attempt: 2 } },
      { name: 'bare', timeNanos: 1_700_000_000_600_000_000n, attributes: {} },
    ],
    links: [{ traceId: linked.traceId, spanId: linked.spanId, attributes: { why: 'caused by' } }],
    status: { code: 'ERROR', message: 'it broke' },
  })

  const parent = await receiver.waitFor('parent', () => spanNamed(receiver, 'parent'))
  assert.partialDeepStrictEqual(parent, {
    spanId: parentId,
    parentSpanId: remoteParent.spanId,
    kind: 'SERVER',
    flags: 0x301,
    status: { code: 'OK', message: '' },
  })

  const root = await receiver.waitFor('root', () => spanNamed(receiver, 'root'))
  assert.partialDeepStrictEqual(root, {
    parentSpanId: '',
    traceState: '',
    kind: 'INTERNAL',
    status: { code: 'UNSET', message: '' },
  })
  assert.deepEqual([root.attributes, root.events, root.links], [{}, [], []])
}

async function sendParentAndChild(
  exporter: SpanExporter,
): Promise<{ traceId: string; parentId: string; childId: string }> {
  const provider = tracerProvider(exporter)
  const tracer = provider.getTracer('the-tests')
  const outer = trace.setSpanContext(ROOT_CONTEXT, remoteParent)
  const parent = tracer.startSpan('parent', { kind: SpanKind.SERVER }, outer)
  const child = tracer.startSpan(
    'child',
    {
      kind: SpanKind.CLIENT,
      startTime: [1_700_000_000, 123_456_789],
      attributes,
      links: [{ context: linked, attributes: { why: 'caused by' } }],
    },
    trace.setSpan(outer, parent),
  )
  child.addEvent('retry', { attempt: 2 }, [1_700_000_000, 500_000_000])
  child.addEvent('bare', [1_700_000_000, 600_000_000])
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'it broke' })
  child.end([1_700_000_001, 1])
  parent.setStatus({ code: SpanStatusCode.OK })
  parent.end()
  tracer.startSpan('root', {}, ROOT_CONTEXT).end()
  await provider.forceFlush()
  await provider.shutdown()

  const { traceId, spanId: childId } = child.spanContext()
  return { traceId, parentId: parent.spanContext().spanId, childId }
}

async function assertDecodesALogRecord(
  receiver: OtlpReceiver,
  exporter: LogRecordExporter,
): Promise<void> {
  await emit(exporter, {
    timestamp: [1_700_000_000, 123_456_789],
    severityNumber: SeverityNumber.WARN,
    severityText: 'warn',
    body: { text: 'hello', list: [1, 2.5] },
    attributes,
    context: trace.setSpanContext(ROOT_CONTEXT, remoteParent),
  })
  await emit(exporter, { body: 'no trace' })

  const [record, loose] = await receiver.waitFor(
    'two log records',
    () => receiver.logs.length === 2 && receiver.logs,
  )
  assert.deepEqual(record, {
    resource: { 'service.name': 'sender', 'process.pid': 12 },
    scope: 'the-tests',
    timeNanos: 1_700_000_000_123_456_789n,
    severityNumber: 13,
    severityText: 'warn',
    body: { text: 'hello', list: [1, 2.5] },
    attributes: decodedAttributes,
    traceId: remoteParent.traceId,
    spanId: remoteParent.spanId,
    flags: 1,
  })
  assert.partialDeepStrictEqual(loose, { body: 'no trace', traceId: '', spanId: '', flags: 0 })
}

const resource = resourceFromAttributes({ 'service.name': 'sender', 'process.pid': 12 })

async function emit(exporter: LogRecordExporter, record: LogRecord): Promise<void> {
  const memory = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: memory })],
  })
  provider.getLogger('the-tests').emit({ severityText: 'INFO', context: ROOT_CONTEXT, ...record })
  await provider.forceFlush()
  await new Promise((settle) => exporter.export(memory.getFinishedLogRecords(), settle))
}

/** One export call with one span for each set of attributes, named `span 0`, `span 1`… */
async function exportSpans(
  exporter: SpanExporter,
  each: Attributes[] = [{}],
): Promise<ExportResult> {
  const memory = new InMemorySpanExporter()
  const provider = tracerProvider(memory)
  const tracer = provider.getTracer('the-tests')
  for (const [index, own] of each.entries()) {
    tracer.startSpan(`span ${index}`, { attributes: own }, ROOT_CONTEXT).end()
  }
  await provider.forceFlush()
  return new Promise((settle) => exporter.export(memory.getFinishedSpans(), settle))
}

function tracerProvider(exporter: SpanExporter): TracerProvider {
  return new TracerProvider({
    resource,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  })
}

function spanNamed(receiver: OtlpReceiver, wanted: string): ReceivedSpan | undefined {
  return receiver.spans.find(({ name }) => name === wanted)
}

function post(receiver: OtlpReceiver, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(receiver.httpUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    ...init,
  })
}

function codeOf({ error }: ExportResult): unknown {
  return error && 'code' in error ? error.code : undefined
}

function warningsOfTheSdk(t: TestContext): string[] {
  const warnings: string[] = []
  const warn = (...words: unknown[]) => void warnings.push(words.join(' '))
  diag.setLogger({ error: ignore, warn, info: ignore, debug: ignore, verbose: ignore })
  t.after(() => diag.disable())
  return warnings
}

function ignore(): void {}
