import type { ServerResponse } from 'node:http'

import { isSpanContextValid, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import type { Context, HrTime, Span, SpanContext } from '@opentelemetry/api'
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
import type { FullSpans } from './full-spans.ts'
import { LeanSpan } from './lean-span.ts'
import type { FullSpanSource } from './lean-span.ts'
import { RandomIds } from './random-ids.ts'
import { RequestTemplates } from './request-templates.ts'
import type { RequestTemplate } from './request-templates.ts'
import { SpanInContext } from './span-in-context.ts'

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

class LeanRecord extends RecordUnderWay implements FullSpanSource {
  readonly traceId: string
  protected readonly context: Context
  readonly #tools: LeanTools
  readonly #facts: RequestFacts
  readonly #method: string
  readonly #active: { value: number }
  readonly #caller: CallersContext
  readonly #parent: SpanContext | undefined
  readonly #spanContext: SpanContext
  /** Undefined if the request is not sampled. */
  readonly #span: LeanSpan | undefined
  readonly #startMillis = Date.now()

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
    const { traceId, spanId } = this.#parent
      ? { traceId: this.#parent.traceId, spanId: tools.ids.spanId() }
      : tools.ids.rootSpan()
    this.traceId = traceId

    const isSampled = this.#isSampled()
    const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
    const traceState = this.#parent?.traceState
    this.#spanContext = traceState
      ? { traceId, spanId, traceFlags, traceState }
      : { traceId, spanId, traceFlags }
    this.#span = isSampled ? new LeanSpan(this.#spanContext, this) : undefined
    this.context = new SpanInContext(
      caller.parent,
      this.#span ?? trace.wrapSpanContext(this.#spanContext),
    )
    this.#active = tools.metrics.begin(this.#method, facts.scheme)
  }

  timeAt(uptimeMillis?: number): HrTime {
    const millisAgo = uptimeMillis === undefined ? 0 : performance.now() - uptimeMillis
    return hrTime(this.#startMillis, this.elapsedMillis - millisAgo)
  }

  fullSpan(): Span {
    return this.#tools.fullSpans.start({
      name: spanName(this.#facts.method, undefined),
      spanContext: this.#spanContext,
      parent: this.#parent,
      startTime: hrTime(this.#startMillis, 0),
      attributes: { ...requestAttributes(this.#facts) },
      links: this.#caller.links,
    })
  }

  protected end(outcome: Outcome, seconds: number): void {
    const { templates } = this.#tools
    const { status } = outcome
    const isOrdinary =
      status !== undefined &&
      outcome.errorType === undefined &&
      outcome.error === undefined &&
      this.#method === this.#facts.method
    const template = isOrdinary
      ? templates.of(this.#facts.scheme, this.#method, this.route, status)
      : undefined
    try {
      const hasExemplar = this.#observe(template, outcome, seconds)
      try {
        this.#log(template, outcome, seconds)
      } finally {
        this.#endSpan(template, outcome, seconds, hasExemplar)
      }
    } finally {
      this.#active.value -= 1
    }
  }

  /** Whether the observation got an exemplar. */
  #observe(template: RequestTemplate | undefined, { status }: Outcome, seconds: number): boolean {
    const series =
      template?.series ??
      this.#tools.metrics.series({
        http_request_method: this.#method,
        http_route: this.route ?? 'unmatched',
        http_response_status_code: String(status ?? ''),
      })
    const isSampled = this.#span?.isRecording() ?? false
    if (!isSampled || !series.claimExemplar(seconds)) {
      series.observe(seconds, undefined)
      return false
    }
    const { traceId, spanId } = this.#spanContext
    series.observe(seconds, { trace_id: traceId, span_id: spanId })
    return true
  }

  #log(template: RequestTemplate | undefined, outcome: Outcome, seconds: number): void {
    const { accessLog, logger, runs } = this.#tools
    const facts = this.#facts
    const isWritten =
      template !== undefined &&
      accessLog?.write(template, facts, runs.of(facts), this.#spanContext, seconds)
    if (isWritten) return
    const { level, fields, message } = accessRecord(facts, this.route, outcome, seconds)
    this.run(() => logger[level](fields, message))
  }

  #endSpan(
    template: RequestTemplate | undefined,
    outcome: Outcome,
    seconds: number,
    hasExemplar: boolean,
  ): void {
    if (this.#span === undefined) return
    const { spans, hasSpanTemplates } = this.#tools
    const isPlain =
      this.#span.isPlain && this.#caller.links.length === 0 && !this.#spanContext.traceState
    if (template && isPlain && hasSpanTemplates) {
      if (spans) this.#writeSpan(spans, template, seconds, hasExemplar)
      this.#span.endPlain()
      return
    }
    // A tail sampler keeps what is marked, so that no exemplar points at nothing.
    if (hasExemplar) this.#span.setAttribute('plainsight.exemplar', true)
    describeSpan(this.#span, this.#facts.method, this.route, outcome)
    this.#span.end()
  }

  #writeSpan(
    sink: RecordSink,
    { span }: RequestTemplate,
    seconds: number,
    hasExemplar: boolean,
  ): void {
    const { path, query } = this.#facts
    const { spanId, traceFlags } = this.#spanContext
    const differences = {
      traceId: this.traceId,
      spanId,
      traceFlags,
      parentSpanId: this.#parent?.spanId ?? '',
      parentIsRemote: this.#parent?.isRemote ?? false,
      startMillis: this.#startMillis,
      endMillis: this.#startMillis + seconds * 1000,
      path,
      query: query === '' ? '' : redactQuery(query),
      hasExemplar,
      connectionAttributes: this.#tools.runs.of(this.#facts).spanAttributes,
    }
    const buffer = sink.reserve(span.room(differences))
    if (buffer) sink.commit(span.write(buffer, sink.position, differences))
  }

  #isSampled(): boolean {
    const { decision } = this.#tools.sampler.shouldSample(
      this.#caller.parent,
      this.traceId,
      spanName(this.#facts.method, undefined),
      SpanKind.SERVER,
      // None of the standard samplers looks at attributes, which do not exist yet.
      {},
      this.#caller.links,
    )
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }
}

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
