import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

import { consoleSpanExporter } from './console-span-exporter.ts'

describe('consoleSpanExporter', () => {
  it('writes one line of JSON a span', () => {
    const { tracer, lines, spans } = tracerOnPaper()

    const span = tracer.startSpan('GET /users/:id', {
      kind: SpanKind.SERVER,
      startTime: 1_700_000_000_000,
      attributes: { 'http.route': '/users/:id' },
    })
    span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(1_700_000_000_012.5)

    const { traceId, spanId } = span.spanContext()
    assert.match(lines[0] ?? '', /^[ -~]+\n$/)
    assert.deepEqual(spans(), [
      {
        name: 'GET /users/:id',
        kind: 'SERVER',
        trace_id: traceId,
        span_id: spanId,
        time: '2023-11-14T22:13:20.000Z',
        duration_ms: 12.5,
        status: 'ERROR',
        attributes: { 'http.route': '/users/:id' },
      },
    ])
  })

  it('names the parent', () => {
    const { tracer, spans } = tracerOnPaper()
    const parent = tracer.startSpan('parent')

    tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent)).end()

    assert.partialDeepStrictEqual(spans(), [
      { name: 'child', parent_span_id: parent.spanContext().spanId },
    ])
  })

  it('shows events and links where there are any', () => {
    const { tracer, spans } = tracerOnPaper()
    const caller = tracer.startSpan('caller').spanContext()

    const span = tracer.startSpan('work', { links: [{ context: caller }] })
    span.addEvent('exception', { 'exception.type': 'TypeError' })
    span.end()

    assert.partialDeepStrictEqual(spans(), [
      {
        events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
        links: [{ trace_id: caller.traceId, span_id: caller.spanId }],
      },
    ])
  })

  it('lets no control character forge a line', () => {
    const { tracer, lines, spans } = tracerOnPaper()
    const name = 'a\nb\r\u2028c\u0085d\u009be'

    tracer.startSpan(name).end()

    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /^[ -~]+\n$/)
    assert.partialDeepStrictEqual(spans(), [{ name }])
  })

  it('says that it succeeded', () => {
    const results: ExportResult[] = []

    consoleSpanExporter({ write: assert.fail }).export([], (result) => results.push(result))

    assert.deepEqual(results, [{ code: ExportResultCode.SUCCESS }])
  })
})

function tracerOnPaper() {
  const lines: string[] = []
  const exporter = consoleSpanExporter({ write: (line) => lines.push(line) })
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const spans = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { tracer: provider.getTracer('test'), lines, spans }
}
