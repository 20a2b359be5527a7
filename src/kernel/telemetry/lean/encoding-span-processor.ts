import type { SpanContext } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'

import type { RecordSink } from '../otlp/record-sink.ts'
import { ProtobufWriter } from '../otlp/encoding/protobuf-writer.ts'
import { writeSpan } from '../otlp/encoding/span.ts'
import type { SpanData, SpanLinkData } from '../otlp/encoding/span.ts'

/** Encodes a span of the SDK when it ends, and lets go of it. */
export class EncodingSpanProcessor implements SpanProcessor {
  readonly #sink: RecordSink
  readonly #writer = new ProtobufWriter()

  constructor(sink: RecordSink) {
    this.#sink = sink
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const data = spanData(span)
    try {
      this.#encode(data)
    } catch {
      // Nested deeper than the stack goes, in what a service set: the span leaves without it, and says so.
      this.#encode(bare(data))
    }
    this.#sink.append(this.#writer.bytes)
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  #encode(data: SpanData): void {
    this.#writer.reset()
    writeSpan(this.#writer, data)
  }
}

function bare(data: SpanData): SpanData {
  return {
    ...data,
    attributes: {},
    droppedAttributesCount: data.droppedAttributesCount + Object.keys(data.attributes).length,
    events: [],
    droppedEventsCount: data.droppedEventsCount + data.events.length,
    links: [],
    droppedLinksCount: data.droppedLinksCount + data.links.length,
  }
}

function spanData(span: ReadableSpan): SpanData {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? '',
    parentIsRemote: span.parentSpanContext?.isRemote ?? false,
    traceState: traceState?.serialize() ?? '',
    traceFlags,
    name: span.name,
    kind: span.kind,
    startTime: span.startTime,
    endTime: span.endTime,
    attributes: span.attributes,
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events,
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map(({ context, ...link }) => ({ ...linkedContext(context), ...link })),
    droppedLinksCount: span.droppedLinksCount,
    status: span.status,
  }
}

function linkedContext({
  traceId,
  spanId,
  isRemote = false,
  traceState,
  traceFlags,
}: SpanContext): SpanLinkData {
  return { traceId, spanId, isRemote, traceState: traceState?.serialize() ?? '', traceFlags }
}
