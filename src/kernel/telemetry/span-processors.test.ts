import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { SpanKind } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SamplingDecision,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace'

import { ExportQueue } from './export-queue.ts'
import { GuardedRegistry } from './guarded-registry.ts'
import { createLogger } from './logger.ts'
import { Outage } from './outage.ts'
import { redacted } from './redaction.ts'
import { QueuedSpanProcessor, RedactingSpanProcessor } from './span-processors.ts'
import { createTelemetryMetrics } from './telemetry-metrics.ts'

describe('QueuedSpanProcessor', () => {
  it('passes spans on and counts them', async () => {
    const { exporter, tracer, samples } = queuedTracer(10)

    tracer.startSpan('one').end()
    tracer.startSpan('two').end()

    assert.deepEqual(
      exporter.getFinishedSpans().map(({ name }) => name),
      ['one', 'two'],
    )
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="spans"} 2',
      'telemetry_queue_length{signal="spans"} 2',
    ])
  })

  it('drops spans while the queue is full, and counts them', async () => {
    const { exporter, tracer, samples } = queuedTracer(1)

    tracer.startSpan('fits').end()
    tracer.startSpan('too much').end()
    tracer.startSpan('too much').end()

    assert.deepEqual(
      exporter.getFinishedSpans().map(({ name }) => name),
      ['fits'],
    )
    assert.deepEqual(await samples(), [
      'telemetry_created_total{signal="spans"} 3',
      'telemetry_dropped_total{signal="spans",reason="queue_full"} 2',
      'telemetry_queue_length{signal="spans"} 1',
    ])
  })

  it('takes spans again when the queue has emptied', () => {
    const { exporter, tracer, queue } = queuedTracer(1)
    tracer.startSpan('one').end()
    tracer.startSpan('lost').end()

    queue.leave(1)
    tracer.startSpan('two').end()

    assert.deepEqual(
      exporter.getFinishedSpans().map(({ name }) => name),
      ['one', 'two'],
    )
  })

  it('neither passes on nor counts what is not sampled', async () => {
    const { exporter, tracer, samples } = queuedTracer(10, new AlwaysOffSampler())

    tracer.startSpan('unsampled').end()

    assert.deepEqual(exporter.getFinishedSpans(), [])
    assert.deepEqual(await samples(), [])
  })

  it('neither passes on nor counts what is recorded but not sampled', async () => {
    const recordOnly: Sampler = {
      shouldSample: () => ({ decision: SamplingDecision.RECORD }),
      toString: () => 'record only',
    }
    const { exporter, tracer, samples } = queuedTracer(10, recordOnly)

    const span = tracer.startSpan('recorded')
    span.end()

    assert.equal(span.spanContext().traceFlags, 0)
    assert.deepEqual(exporter.getFinishedSpans(), [])
    assert.deepEqual(await samples(), [])
  })

  it('passes the start, a flush and the shutdown on', async () => {
    const calls: string[] = []
    const inner: SpanProcessor = {
      onStart: (span) => void calls.push(`start ${span.name}`),
      onEnd: () => {},
      forceFlush: async () => void calls.push('flush'),
      shutdown: async () => void calls.push('shutdown'),
    }
    const processor = new QueuedSpanProcessor(queueOf(10).queue, inner)
    const provider = new TracerProvider({ spanProcessors: [processor] })

    provider.getTracer('test').startSpan('one')
    await provider.forceFlush()
    await provider.shutdown()

    assert.deepEqual(calls, ['start one', 'flush', 'shutdown'])
  })
})

describe('RedactingSpanProcessor', () => {
  it('redacts url.full of an outgoing call before the next processor sees it', () => {
    const attributes = exported(SpanKind.CLIENT, {
      'url.full': 'https://ada:pw@example.org/x?token=abc&q=1',
    })

    assert.deepEqual(attributes, {
      'url.full': `https://${redacted}@example.org/x?token=${redacted}&q=1`,
    })
  })

  it('redacts url.query with and without a question mark', () => {
    assert.deepEqual(exported(SpanKind.CLIENT, { 'url.query': '?sig=abc&q=1' }), {
      'url.query': `?sig=${redacted}&q=1`,
    })
    assert.deepEqual(exported(SpanKind.CLIENT, { 'url.query': 'sig=abc&q=1' }), {
      'url.query': `sig=${redacted}&q=1`,
    })
  })

  it('redacts what was set after the start', () => {
    const { exporter, tracer } = redactingTracer()

    const span = tracer.startSpan('GET', { kind: SpanKind.CLIENT })
    span.setAttribute('url.full', 'https://example.org/?password=x')
    span.end()

    assert.deepEqual(exporter.getFinishedSpans()[0]?.attributes, {
      'url.full': `https://example.org/?password=${redacted}`,
    })
  })

  it('leaves other attributes and clean URLs as they are', () => {
    const attributes = {
      'url.full': 'https://example.org/x?q=1',
      'server.port': 443,
      'http.request.method': 'GET',
    }

    assert.deepEqual(exported(SpanKind.CLIENT, attributes), attributes)
  })

  it('adds nothing to a call without a URL', () => {
    assert.deepEqual(exported(SpanKind.CLIENT, { 'db.system.name': 'redis' }), {
      'db.system.name': 'redis',
    })
  })

  it('leaves spans that are no outgoing calls alone', () => {
    assert.deepEqual(exported(SpanKind.INTERNAL, { 'url.full': 'x:?token=abc' }), {
      'url.full': 'x:?token=abc',
    })
  })
})

function queueOf(limit: number) {
  const registry = new GuardedRegistry(100)
  const metrics = createTelemetryMetrics(registry)('spans')
  const logger = createLogger({ service: 'test', level: 'silent', pretty: false, otlp: false })
  const queue = new ExportQueue(limit, metrics, new Outage(logger, 'spans'))
  /** What a scraper reads, without comments and zeros. */
  async function samples(): Promise<string[]> {
    const text = await registry.metrics()
    return text.split('\n').filter((line) => /^[^#].* (?!0$)\S+$/.test(line))
  }
  return { queue, samples }
}

function queuedTracer(limit: number, sampler?: Sampler) {
  const { queue, samples } = queueOf(limit)
  const exporter = new InMemorySpanExporter()
  const processor = new QueuedSpanProcessor(queue, everySpanProcessor(exporter))
  const provider = new TracerProvider({ spanProcessors: [processor], ...(sampler && { sampler }) })
  return { exporter, tracer: provider.getTracer('test'), queue, samples }
}

/** SimpleSpanProcessor would leave unsampled spans out by itself. */
function everySpanProcessor(exporter: InMemorySpanExporter): SpanProcessor {
  return {
    onStart: () => {},
    onEnd: (span) => exporter.export([span], () => {}),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
}

function redactingTracer() {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({
    spanProcessors: [new RedactingSpanProcessor(), new SimpleSpanProcessor({ exporter })],
  })
  return { exporter, tracer: provider.getTracer('test') }
}

function exported(kind: SpanKind, attributes: Attributes): Attributes | undefined {
  const { exporter, tracer } = redactingTracer()
  tracer.startSpan('call', { kind, attributes }).end()
  return exporter.getFinishedSpans()[0]?.attributes
}
