import { diag, trace } from '@opentelemetry/api'
import type {
  Attributes,
  AttributeValue,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import { isTimeInput } from '@opentelemetry/core'

/** What stands behind a lean span: its request's record. */
export interface FullSpanSource {
  /** Makes the SDK's span that stands in for the lean one as soon as anybody writes on it. */
  fullSpan(): Span
  /** The time on the request's own clock: now, or at a time of `performance.now()`. */
  timeAt(uptimeMillis?: number): HrTime
}

/**
 * The server span of a request, as `trace.getActiveSpan()` gives it: nothing but its ids, until somebody writes on it.
 * Then there is a span of the SDK behind it, which knows all rules and limits. Most requests never come to that.
 */
export class LeanSpan implements Span {
  readonly #spanContext: SpanContext
  readonly #source: FullSpanSource
  #full: Span | undefined
  #ended = false

  constructor(spanContext: SpanContext, source: FullSpanSource) {
    this.#spanContext = spanContext
    this.#source = source
  }

  /** Whether nobody has written on it, nor ended it. */
  get isPlain(): boolean {
    return this.#full === undefined
  }

  spanContext(): SpanContext {
    return this.#spanContext
  }

  isRecording(): boolean {
    return !this.#ended
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#written().setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#written().setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    const isTime = isTimeInput(attributesOrTime)
    const given = isTime && !isTimeInput(time) ? attributesOrTime : time
    this.#written().addEvent(name, isTime ? undefined : attributesOrTime, this.#timeOf(given))
    return this
  }

  addLink(link: Link): this {
    this.#written().addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#written().addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#written().setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.#written().updateName(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#written().recordException(exception, this.#timeOf(time))
  }

  end(endTime?: TimeInput): void {
    this.#written().end(this.#timeOf(endTime))
    this.#ended = true
  }

  /** For whoever has told all there is to tell without this span. */
  endPlain(): void {
    this.#ended = true
  }

  #written(): Span {
    if (this.#full) return this.#full
    if (this.#ended) return this.#tooLate()
    this.#full = this.#source.fullSpan()
    return this.#full
  }

  /** What is written now is lost, as on a span of the SDK: a second one would have to tell it. */
  #tooLate(): Span {
    const { traceId, spanId } = this.#spanContext
    diag.warn(`Cannot execute the operation on ended Span {traceId: ${traceId}, spanId: ${spanId}}`)
    return trace.wrapSpanContext(this.#spanContext)
  }

  /** The SDK's span was begun later than its request, with a time of ours, and knows neither clock of it. */
  #timeOf(time: TimeInput | undefined): TimeInput {
    if (time === undefined) return this.#source.timeAt()
    return typeof time === 'number' && time <= performance.now() ? this.#source.timeAt(time) : time
  }
}
