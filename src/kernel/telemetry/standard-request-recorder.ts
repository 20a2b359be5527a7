import type { ServerResponse } from 'node:http'

import { isSpanContextValid, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'

import { accessRecord } from './access-record.ts'
import { callersContextReader } from './callers-context.ts'
import type { CallersContext } from './callers-context.ts'
import { describeSpan } from './describe-span.ts'
import { brokeOffWith, RecordUnderWay } from './record-under-way.ts'
import type { UnderWay } from './record-under-way.ts'
import { RecordsUnderWay } from './records-under-way.ts'
import type { RecorderOptions } from './recorder-options.ts'
import { methodAttribute, requestAttributes, spanName } from './request-attributes.ts'
import { RequestFacts } from './request-facts.ts'
import type { Outcome } from './request-outcome.ts'
import type { RequestRecorder } from './request-recorder.ts'

/** Records with the OpenTelemetry API and SDK: easy to read, and open to any span processor. */
export function standardRequestRecorder(options: RecorderOptions): RequestRecorder {
  const tracer = trace.getTracer('plainsight')
  const callersContext = callersContextReader(options.incomingTraceContext)
  const underWay: UnderWay = new RecordsUnderWay()
  return {
    begin(request, incoming, outgoing) {
      const caller = callersContext(incoming.headers)
      const facts = new RequestFacts(request, incoming, options.trustedProxies)
      return new StandardRecord({ ...options, tracer, underWay }, facts, caller, outgoing)
    },
    get isRecording() {
      return underWay.size > 0
    },
    willRecord: (error) => brokeOffWith(underWay, error),
  }
}

interface StandardRecordOptions extends RecorderOptions {
  tracer: Tracer
  underWay: UnderWay
}

class StandardRecord extends RecordUnderWay {
  readonly traceId: string | undefined
  protected readonly context: Context
  readonly #options: StandardRecordOptions
  readonly #facts: RequestFacts
  readonly #method: string
  readonly #span: Span
  readonly #active: { value: number }

  constructor(
    options: StandardRecordOptions,
    facts: RequestFacts,
    { parent, links }: CallersContext,
    outgoing: ServerResponse,
  ) {
    super(outgoing, options.logger, options.underWay)
    this.#options = options
    this.#facts = facts
    this.#method = methodAttribute(facts.method)
    this.#span = options.tracer.startSpan(
      spanName(facts.method, undefined),
      { kind: SpanKind.SERVER, attributes: { ...requestAttributes(facts) }, links },
      parent,
    )
    this.context = trace.setSpan(parent, this.#span)
    const spanContext = this.#span.spanContext()
    this.traceId = isSpanContextValid(spanContext) ? spanContext.traceId : undefined

    this.#active = options.metrics.begin(this.#method, facts.scheme)
  }

  protected end(outcome: Outcome, seconds: number, uptimeMillis: number): void {
    try {
      this.#observe(outcome, seconds, uptimeMillis)
      this.#log(outcome, seconds)
      describeSpan(this.#span, this.#facts.method, this.route, outcome)
    } finally {
      this.#span.end()
      this.#active.value -= 1
    }
  }

  #observe({ status }: Outcome, seconds: number, uptimeMillis: number): void {
    const series = this.#options.metrics.series({
      http_request_method: this.#method,
      http_route: this.route ?? 'unmatched',
      http_response_status_code: String(status ?? ''),
    })
    const { traceId, spanId, traceFlags } = this.#span.spanContext()
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0 && this.#span.isRecording()
    if (!isSampled || !series.claimExemplar(seconds, uptimeMillis)) {
      series.observe(seconds, undefined)
      return
    }
    // A tail sampler keeps what is marked, so that no exemplar points at nothing.
    this.#span.setAttribute('plainsight.exemplar', true)
    series.observe(seconds, { trace_id: traceId, span_id: spanId })
  }

  #log(outcome: Outcome, seconds: number): void {
    const { level, fields, message } = accessRecord(this.#facts, this.route, outcome, seconds)
    this.run(() => this.#options.logger[level](fields, message))
  }
}
