import type { ServerResponse } from 'node:http'

import { isSpanContextValid, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import type { Attributes, Context, HrTime, Span, SpanContext } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace'
import type { Sampler } from '@opentelemetry/sdk-trace'

import { accessRecord } from '../access-record.ts'
import { callersContextReader } from '../callers-context.ts'
import type { CallersContext } from '../callers-context.ts'
import { describeSpan } from '../describe-span.ts'
import { redactQuery } from '../redaction.ts'
import { brokeOffWith, RecordUnderWay } from '../record-under-way.ts'
import type { UnderWay } from '../record-under-way.ts'
import { RecordsUnderWay } from '../records-under-way.ts'
import type { RecorderOptions } from '../recorder-options.ts'
import { methodAttribute, requestAttributes, spanName } from '../request-attributes.ts'
import { requestFacts } from '../request-facts.ts'
import type { RequestFacts } from '../request-facts.ts'
import type { Outcome } from '../request-outcome.ts'
import type { RequestRecorder } from '../request-recorder.ts'
import type { RecordSink } from '../otlp/record-sink.ts'
import type { AccessLog } from './access-log.ts'
import { ConnectionRuns } from './connection-runs.ts'
import type { EndedRequest } from './ended-request.ts'
import type { FullSpans } from './full-spans.ts'
import { LeanSpan } from './lean-span.ts'
import type { FullSpanSource } from './lean-span.ts'
import { RandomIds } from './random-ids.ts'
import { RequestTemplates } from './request-templates.ts'
import type { RequestTemplate } from './request-templates.ts'
import type { SpanIds } from './span-ids.ts'
import { SpanInContext } from './span-in-context.ts'
import type { SpanHolder } from './span-in-context.ts'

export interface LeanRecorderOptions extends RecorderOptions {
  serviceName: string
  sampler: Sampler
  fullSpans: FullSpans
  /** Where plain spans go; undefined where none are exported. */
  spans: RecordSink | undefined
  /** False where limits are so narrow that each span has to take the long way. */
  hasSpanTemplates: boolean
  /** Undefined where each line takes the long way, through pino. */
  accessLog: AccessLog | undefined
}

/**
 * Records without making anything on the way: what differs between the requests of a kind is kept as it came, and
 * encoded once, at the end, from templates. Whatever is out of the ordinary (something written on the span, a failure,
 * a path to be escaped) takes the long way, which is that of the standard recorder.
 */
export function leanRequestRecorder(options: LeanRecorderOptions): RequestRecorder {
  const callersContext = callersContextReader(options.incomingTraceContext)
  const tools: LeanTools = {
    ...options,
    ids: new RandomIds(),
    templates: new RequestTemplates(options.serviceName, options.metrics),
    runs: new ConnectionRuns(),
    underWay: new RecordsUnderWay(),
  }
  return {
    begin(request, incoming, outgoing) {
      const caller = callersContext(incoming.headers)
      const facts = requestFacts(request, incoming, options.trustedProxies)
      return new LeanRecord(tools, facts, caller, outgoing)
    },
    get isRecording() {
      return tools.underWay.size > 0
    },
    willRecord: (error) => brokeOffWith(tools.underWay, error),
  }
}

interface LeanTools extends LeanRecorderOptions {
  ids: RandomIds
  templates: RequestTemplates
  runs: ConnectionRuns
  underWay: UnderWay
}

class LeanRecord extends RecordUnderWay implements FullSpanSource, SpanHolder {
  protected readonly context: Context
  readonly #tools: LeanTools
  readonly #facts: RequestFacts
  readonly #method: string
  readonly #active: { value: number }
  readonly #caller: CallersContext
  readonly #parent: SpanContext | undefined
  readonly #ids: SpanIds
  readonly #isSampled: boolean
  readonly #startMillis = Date.now()
  // Made when somebody asks for them, which for most requests nobody does.
  #spanContext: SpanContext | undefined
  #span: LeanSpan | undefined
  #unsampledSpan: Span | undefined
  #hasEndedPlain = false

  constructor(
    tools: LeanTools,
    facts: RequestFacts,
    caller: CallersContext,
    outgoing: ServerResponse,
  ) {
    super(outgoing, tools.logger, tools.underWay)
    this.#tools = tools
    this.#facts = facts
    this.#method = methodAttribute(facts.method)
    this.#caller = caller
    this.#parent = validParent(caller.parent)
    this.#ids =
      this.#parent === undefined ? tools.ids.root() : tools.ids.within(this.#parent.traceId)
    this.#isSampled = this.#decide()
    this.context = new SpanInContext(caller.parent, this)
    this.#active = tools.metrics.begin(this.#method, facts.scheme)
  }

  get traceId(): string {
    return this.#ids.traceId
  }

  get spanContext(): SpanContext {
    this.#spanContext ??= this.#newSpanContext()
    return this.#spanContext
  }

  /** What `trace.getActiveSpan()` gives within the request. */
  get span(): Span {
    if (this.#isSampled) return this.#leanSpan
    this.#unsampledSpan ??= trace.wrapSpanContext(this.spanContext)
    return this.#unsampledSpan
  }

  get #leanSpan(): LeanSpan {
    if (this.#span === undefined) {
      this.#span = new LeanSpan(this.spanContext, this)
      if (this.#hasEndedPlain) this.#span.endPlain()
    }
    return this.#span
  }

  timeAt(uptimeMillis?: number): HrTime {
    const millisAgo = uptimeMillis === undefined ? 0 : performance.now() - uptimeMillis
    return hrTime(this.#startMillis, this.elapsedMillis - millisAgo)
  }

  fullSpan(): Span {
    return this.#tools.fullSpans.start({
      name: spanName(this.#facts.method, undefined),
      spanContext: this.spanContext,
      parent: this.#parent,
      startTime: hrTime(this.#startMillis, 0),
      attributes: { ...requestAttributes(this.#facts) },
      links: this.#caller.links,
    })
  }

  protected end(outcome: Outcome, seconds: number, uptimeMillis: number): void {
    const template = this.#templateOf(outcome)
    try {
      const hasExemplar = this.#observe(template, outcome, seconds, uptimeMillis)
      const ended = this.#endedRequest(seconds, hasExemplar)
      try {
        this.#log(template, outcome, seconds, ended)
      } finally {
        this.#endSpan(template, outcome, ended)
      }
    } finally {
      this.#active.value -= 1
    }
  }

  /** Undefined for what is out of the ordinary. */
  #templateOf({ status, error, errorType }: Outcome): RequestTemplate | undefined {
    const { method, scheme } = this.#facts
    const isOrdinary = errorType === undefined && error === undefined && this.#method === method
    return isOrdinary && status !== undefined
      ? this.#tools.templates.of(scheme, method, this.route, status)
      : undefined
  }

  /** Whether the observation got an exemplar. */
  #observe(
    template: RequestTemplate | undefined,
    { status }: Outcome,
    seconds: number,
    uptimeMillis: number,
  ): boolean {
    const series =
      template?.series ??
      this.#tools.metrics.series({
        http_request_method: this.#method,
        http_route: this.route ?? 'unmatched',
        http_response_status_code: String(status ?? ''),
      })
    const isSampled = this.#isSampled && (this.#span?.isRecording() ?? true)
    if (!isSampled || !series.claimExemplar(seconds, uptimeMillis)) {
      series.observe(seconds, undefined)
      return false
    }
    series.observe(seconds, { trace_id: this.#ids.traceId, span_id: this.#ids.spanId })
    return true
  }

  #endedRequest(seconds: number, hasExemplar: boolean): EndedRequest {
    const { path, query, client } = this.#facts
    return {
      ids: this.#ids,
      traceFlags: this.#traceFlags,
      parentSpanId: this.#parent?.spanId ?? '',
      parentIsRemote: this.#parent?.isRemote ?? false,
      startMillis: this.#startMillis,
      endMillis: this.#startMillis + seconds * 1000,
      timeMillis: Date.now(),
      durationMicros: Math.round(seconds * 1e6),
      path,
      query: query === '' ? '' : redactQuery(query),
      client,
      run: this.#tools.runs.of(this.#facts),
      hasExemplar,
    }
  }

  #log(
    template: RequestTemplate | undefined,
    outcome: Outcome,
    seconds: number,
    ended: EndedRequest,
  ): void {
    const { accessLog, logger } = this.#tools
    if (template !== undefined && accessLog?.write(template, ended)) return
    const { level, fields, message } = accessRecord(this.#facts, this.route, outcome, seconds)
    this.run(() => logger[level](fields, message))
  }

  #endSpan(template: RequestTemplate | undefined, outcome: Outcome, ended: EndedRequest): void {
    if (!this.#isSampled) return
    if (template !== undefined && this.#isPlain) {
      this.#writeSpan(template, ended)
      this.#hasEndedPlain = true
      this.#span?.endPlain()
      return
    }
    const span = this.#leanSpan
    // A tail sampler keeps what is marked, so that no exemplar points at nothing.
    if (ended.hasExemplar) span.setAttribute('plainsight.exemplar', true)
    describeSpan(span, this.#facts.method, this.route, outcome)
    span.end()
  }

  /** Whether nothing of the span goes beyond the template. */
  get #isPlain(): boolean {
    return (
      this.#tools.hasSpanTemplates &&
      (this.#span?.isPlain ?? true) &&
      this.#caller.links.length === 0 &&
      !this.#parent?.traceState
    )
  }

  #writeSpan({ span }: RequestTemplate, ended: EndedRequest): void {
    const sink = this.#tools.spans
    const buffer = sink?.reserve(span.room(ended))
    if (buffer) sink?.commit(span.write(buffer, sink.position, ended))
  }

  #decide(): boolean {
    const { decision } = this.#tools.sampler.shouldSample(
      this.#caller.parent,
      this.#ids.traceId,
      spanName(this.#facts.method, undefined),
      SpanKind.SERVER,
      noAttributes,
      this.#caller.links,
    )
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }

  get #traceFlags(): number {
    return this.#isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  }

  #newSpanContext(): SpanContext {
    const { traceId, spanId } = this.#ids
    const traceFlags = this.#traceFlags
    const traceState = this.#parent?.traceState
    return traceState
      ? { traceId, spanId, traceFlags, traceState }
      : { traceId, spanId, traceFlags }
  }
}

// None of the standard samplers looks at attributes, which do not exist yet.
const noAttributes: Attributes = Object.freeze({})

function validParent(context: Context): SpanContext | undefined {
  if (context === ROOT_CONTEXT) return undefined
  const parent = trace.getSpanContext(context)
  return parent && isSpanContextValid(parent) ? parent : undefined
}

function hrTime(startMillis: number, durationMillis: number): HrTime {
  const millis = startMillis + durationMillis
  const seconds = Math.floor(millis / 1000)
  return [seconds, Math.round((millis - seconds * 1000) * 1e6)]
}
