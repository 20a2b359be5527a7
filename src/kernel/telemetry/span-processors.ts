import { SpanKind, TraceFlags } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'

import type { ExportQueue } from './export-queue.ts'
import { redactQuery, redactUrl } from './redaction.ts'

export type { SpanProcessor } from '@opentelemetry/sdk-trace'

/** Passes spans on to a batch processor as long as the queue has room, and counts them. */
export class QueuedSpanProcessor implements SpanProcessor {
  readonly #queue: ExportQueue
  readonly #processor: SpanProcessor

  constructor(queue: ExportQueue, processor: SpanProcessor) {
    this.#queue = queue
    this.#processor = processor
  }

  onStart(span: Span, parentContext: Context): void {
    this.#processor.onStart(span, parentContext)
  }

  onEnd(span: ReadableSpan): void {
    const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
    if (isSampled && this.#queue.admit()) this.#processor.onEnd(span)
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown()
  }
}

/**
 * Takes secrets out of the URLs of outgoing calls: instrumentation-undici records them whole, and any other may. It
 * acts when a span ends and before the processors behind it see that.
 */
export class RedactingSpanProcessor implements SpanProcessor {
  onStart(): void {}

  onEnding(span: Span): void {
    if (span.kind !== SpanKind.CLIENT) return
    const { 'url.full': url, 'url.query': query } = span.attributes
    if (typeof url === 'string') span.setAttribute('url.full', redactUrl(url))
    if (typeof query === 'string') span.setAttribute('url.query', redactQuery(query))
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
