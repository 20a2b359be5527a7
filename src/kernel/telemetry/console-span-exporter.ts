import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { ExportResultCode, hrTimeToMicroseconds, hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

import { escapeControlsInJson } from './control-characters.ts'
import type { Exporter } from './monitored-exporter.ts'

/** One JSON line a span on stderr: stdout belongs to the log. */
export function consoleSpanExporter(
  output: { write(line: string): unknown } = process.stderr,
): Exporter<ReadableSpan> {
  return {
    export(spans, done) {
      for (const span of spans)
        output.write(`${escapeControlsInJson(JSON.stringify(asJson(span)))}\n`)
      done({ code: ExportResultCode.SUCCESS })
    },
    async shutdown() {},
  }
}

function asJson(span: ReadableSpan): Record<string, unknown> {
  const { traceId, spanId } = span.spanContext()
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId,
    time: new Date(hrTimeToMilliseconds(span.startTime)).toISOString(),
    duration_ms: hrTimeToMicroseconds(span.duration) / 1000,
    status: SpanStatusCode[span.status.code],
    attributes: span.attributes,
    ...(span.events.length > 0 && {
      events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    }),
    ...(span.links.length > 0 && {
      links: span.links.map(({ context }) => ({
        trace_id: context.traceId,
        span_id: context.spanId,
      })),
    }),
  }
}
