import type { ServerResponse } from 'node:http'

import { isSpanContextValid, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import type { Attributes, Context, HrTime, Span, SpanContext } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace'
import type { Sampler } from '@opentelemetry/sdk-trace'

import { accessRecord } from '../access-record.ts'
import type { Backlog } from '../backlog.ts'
import { callersContextReader } from '../callers-context.ts'
import type { CallersContext } from '../callers-context.ts'
import { describeSpan } from '../describe-span.ts'
import { brokeOffWith, RecordUnderWay } from '../record-under-way.ts'
import type { UnderWay } from '../record-under-way.ts'
import { RecordsUnderWay } from '../records-under-way.ts'
import type { RecorderOptions } from '../recorder-options.ts'
import { methodAttribute, requestAttributes, spanName } from '../request-attributes.ts'
import { RequestFacts } from '../request-facts.ts'
import type { RequestSeries } from '../request-metrics.ts'
import type { Outcome } from '../request-outcome.ts'
import type { RequestRecorder } from '../request-recorder.ts'
import { ConnectionRuns } from './connection-runs.ts'
import type { FullSpans } from './full-spans.ts'
import { mostTextBytes } from './text-attribute-start.ts'
import { LeanRequest } from './lean-request.ts'
import type { LeanRequestTools } from './lean-request.ts'
import { LeanSpan } from './lean-span.ts'
import type { FullSpanSource } from './lean-span.ts'
import { RandomIds } from './random-ids.ts'
import { RequestTemplates } from './request-templates.ts'
import type { RequestTemplate } from './request-templates.ts'
import { SpanInContext } from './span-in-context.ts'
import type { SpanHolder } from './span-in-context.ts'

export interface LeanRecorderOptions
  extends RecorderOptions, Pick<LeanRequestTools, 'accessLog' | 'spans'> {
  serviceName: string
  sampler: Sampler
  samplesEveryRoot: boolean
  fullSpans: FullSpans
  /** False where limits are so narrow that each span has to take the long way. */
  hasSpanTemplates: boolean
  /** Where plain requests wait to be encoded together. */
  backlog: Backlog
}

/**
 * Records without making anything on the way: what differs between the requests of a kind is kept as it came, and
 * encoded once, some requests at a time, from templates. Whatever is out of the ordinary (something written on the span,
 * a failure, a path to be escaped) takes the long way, which is that of the standard recorder.
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
      const facts = new RequestFacts(request, incoming, options.trustedProxies)
      return new LeanRecord(tools, facts, caller, outgoing)
    },
    get isRecording() {
      return tools.underWay.size > 0
    },
    willRecord: (error) => brokeOffWith(tools.underWay, error),
  }
}

interface LeanTools extends LeanRecorderOptions, LeanRequestTools {
  ids: RandomIds
  templates: RequestTemplates
  underWay: UnderWay
}

class LeanRecord extends RecordUnderWay implements FullSpanSource, SpanHolder {
  protected readonly context: Context
  readonly #tools: LeanTools
  readonly #request: LeanRequest
  readonly #method: string
  readonly #active: { value: number }
  readonly #caller: CallersContext
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
    const method = methodAttribute(facts.method)
    const parent = validParent(caller.parent)
    const ids = parent === undefined ? tools.ids.root() : tools.ids.within(parent.traceId)
    const isSampled =
      (parent === undefined && tools.samplesEveryRoot) ||
      decide(tools.sampler, caller, ids.traceId, facts.method)
    this.#tools = tools
    this.#method = method
    this.#caller = caller
    this.#request = new LeanRequest(facts, ids, parent, isSampled, tools)
    this.context = new SpanInContext(caller.parent, this)
    this.#active = tools.metrics.begin(method, facts.scheme)
  }

  get traceId(): string {
    return this.#request.ids.traceId
  }

  get spanContext(): SpanContext {
    this.#spanContext ??= this.#newSpanContext()
    return this.#spanContext
  }

  /** What `trace.getActiveSpan()` gives within the request. */
  get span(): Span {
    if (this.#request.isSampled) return this.#leanSpan()
    this.#unsampledSpan ??= trace.wrapSpanContext(this.spanContext)
    return this.#unsampledSpan
  }

  #leanSpan(): LeanSpan {
    if (this.#span === undefined) {
      this.#startMillis()
      this.#span = new LeanSpan(this.spanContext, this)
      if (this.#hasEndedPlain) this.#span.endPlain()
    }
    return this.#span
  }

  timeAt(uptimeMillis?: number): HrTime {
    const millisAgo = uptimeMillis === undefined ? 0 : performance.now() - uptimeMillis
    return hrTime(this.#startMillis(), this.elapsedMillis - millisAgo)
  }

  fullSpan(): Span {
    return this.#tools.fullSpans.start({
      name: spanName(this.#request.facts.method, undefined),
      spanContext: this.spanContext,
      parent: this.#request.parent,
      startTime: hrTime(this.#startMillis(), 0),
      attributes: { ...requestAttributes(this.#request.facts) },
      links: this.#caller.links,
    })
  }

  #startMillis(): number {
    return this.#request.startedAgo(this.elapsedMillis)
  }

  protected end(outcome: Outcome, seconds: number, uptimeMillis: number): void {
    this.#active.value -= 1
    const request = this.#request
    const template = this.#templateOf(outcome)
    const series = template?.series ?? this.#seriesOf(outcome)
    const canBeMarked = request.isSampled && (this.#span?.isRecording() ?? true)
    request.timeMillis = Date.now()
    request.seconds = seconds
    request.template = template
    request.isLogged = this.#tools.accessLog?.isEnabled ?? false
    request.hasExemplar = canBeMarked && series.claimExemplar(seconds, uptimeMillis)
    // An exemplar has the time at which it is counted.
    if (
      template === undefined ||
      request.hasExemplar ||
      !this.#isPlain() ||
      !this.#isLoggedPlainly()
    ) {
      this.#endAtOnce(series, outcome)
      return
    }
    this.#tools.backlog.add(request)
    this.#endPlain()
  }

  /** Undefined for what is out of the ordinary. */
  #templateOf({ status, error, errorType }: Outcome): RequestTemplate | undefined {
    const { method, scheme, path } = this.#request.facts
    const isOrdinary =
      errorType === undefined &&
      error === undefined &&
      this.#method === method &&
      path.length <= mostPathLength
    return isOrdinary && status !== undefined
      ? this.#tools.templates.of(scheme, method, this.route, status)
      : undefined
  }

  #isLoggedPlainly(): boolean {
    const { accessLog } = this.#tools
    return accessLog !== undefined && (!this.#request.isLogged || accessLog.takes(this.#request))
  }

  /** The long way, or what of the short one is left. */
  #endAtOnce(series: RequestSeries, outcome: Outcome): void {
    // Lines stand in the order in which their requests ended.
    this.#tools.backlog.settle()
    this.#request.observe(series)
    try {
      this.#log(outcome)
    } finally {
      this.#endSpan(outcome)
    }
  }

  #seriesOf({ status }: Outcome): RequestSeries {
    return this.#tools.metrics.series({
      http_request_method: this.#method,
      http_route: this.route ?? 'unmatched',
      http_response_status_code: String(status ?? ''),
    })
  }

  #log(outcome: Outcome): void {
    const { accessLog, logger } = this.#tools
    const { facts, seconds, template } = this.#request
    if (template !== undefined && accessLog !== undefined && this.#isLoggedPlainly()) {
      if (this.#request.isLogged) accessLog.write(template, this.#request)
      return
    }
    const { level, fields, message } = accessRecord(facts, this.route, outcome, seconds)
    this.run(() => logger[level](fields, message))
  }

  #endSpan(outcome: Outcome): void {
    const { isSampled, template } = this.#request
    if (!isSampled) return
    if (template !== undefined && this.#isPlain()) {
      template.span.writeTo(this.#tools.spans, this.#request)
      this.#endPlain()
      return
    }
    const span = this.#leanSpan()
    // A tail sampler keeps what is marked, so that no exemplar points at nothing.
    if (this.#request.hasExemplar) span.setAttribute('plainsight.exemplar', true)
    describeSpan(span, this.#request.facts.method, this.route, outcome)
    span.end()
  }

  /** Nobody has written on the span, and it says no more than its template. */
  #isPlain(): boolean {
    return (
      this.#tools.hasSpanTemplates &&
      (this.#span?.isPlain ?? true) &&
      this.#caller.links.length === 0 &&
      !this.#request.parent?.traceState
    )
  }

  /** From now on it is too late to write on the span. */
  #endPlain(): void {
    this.#hasEndedPlain = true
    this.#span?.endPlain()
  }

  #newSpanContext(): SpanContext {
    const { ids, parent, traceFlags } = this.#request
    const { traceId, spanId } = ids
    const traceState = parent?.traceState
    return { traceId, spanId, traceFlags, ...(traceState && { traceState }) }
  }
}

function decide(
  sampler: Sampler,
  { parent, links }: CallersContext,
  traceId: string,
  method: string,
): boolean {
  const name = spanName(method, undefined)
  const { decision } = sampler.shouldSample(
    parent,
    traceId,
    name,
    SpanKind.SERVER,
    noAttributes,
    links,
  )
  return decision === SamplingDecision.RECORD_AND_SAMPLED
}

// In UTF-8 each UTF-16 unit has three bytes at most.
const mostPathLength = Math.floor(mostTextBytes / 3)

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
