import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import type { Attributes, HrTime, Link, Span, SpanContext, Tracer } from '@opentelemetry/api'
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import type { IdGenerator, SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace'

export interface FullSpanStart {
  name: string
  spanContext: SpanContext
  /** Invalid or undefined: a root span. */
  parent: SpanContext | undefined
  startTime: HrTime
  attributes: Attributes
  links: Link[]
}

/** Makes spans of the SDK with ids that exist already, for requests whose span is more than plain. */
export class FullSpans {
  readonly #ids = new GivenIds()
  readonly #tracer: Tracer

  constructor(limits: SpanLimits, spanProcessors: SpanProcessor[]) {
    this.#tracer = new TracerProvider({
      // That the request is sampled was decided when it came.
      sampler: new AlwaysOnSampler(),
      spanLimits: limits,
      idGenerator: this.#ids,
      spanProcessors,
    }).getTracer('plainsight')
  }

  start({ name, spanContext, parent, startTime, attributes, links }: FullSpanStart): Span {
    this.#ids.given = spanContext
    return this.#tracer.startSpan(
      name,
      { kind: SpanKind.SERVER, startTime, attributes, links },
      parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    )
  }
}

/** The SDK asks for a trace id only when there is no valid parent. */
class GivenIds implements IdGenerator {
  given: SpanContext | undefined

  generateTraceId(): string {
    return this.given?.traceId ?? ''
  }

  generateSpanId(): string {
    return this.given?.spanId ?? ''
  }
}
