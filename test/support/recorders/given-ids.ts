import type { SpanContext } from '@opentelemetry/api'
import type { IdGenerator } from '@opentelemetry/sdk-trace'

/** Ids that can be had twice: those of server spans are given, all others are counted. */
export class GivenIds implements IdGenerator {
  #given: SpanContext | undefined
  #traces = 0
  #spans = 0

  /** All spans are this one, until there is none. */
  give(spanContext: SpanContext | undefined): void {
    this.#given = spanContext
  }

  generateSpanId(): string {
    if (this.#given) return this.#given.spanId
    this.#spans += 1
    return this.#spans.toString(16).padStart(16, '5')
  }

  generateTraceId(): string {
    if (this.#given) return this.#given.traceId
    this.#traces += 1
    return this.#traces.toString(16).padStart(32, '7')
  }
}
