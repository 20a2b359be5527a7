import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'

import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'

import { errorType, RefusedError, ServiceError, toError } from '../errors.ts'
import type { Logger } from './logger.ts'
import { redactText } from './redaction.ts'
import { requestAttributes, spanName } from './request-attributes.ts'
import type { RequestAttributes } from './request-attributes.ts'
import type { RequestLabels, RequestMetrics } from './request-metrics.ts'
import type { RequestRecord, RequestRecorder } from './request-recorder.ts'

export interface RecorderOptions {
  logger: Logger
  metrics: RequestMetrics
  trustedProxies: BlockList | undefined
  /** `continue` the caller's trace, or begin a new one that is linked to it. */
  incomingTraceContext: 'continue' | 'link'
}

/** Records with the OpenTelemetry API and SDK: easy to read, and open to any span processor. */
export function standardRequestRecorder(options: RecorderOptions): RequestRecorder {
  const tracer = trace.getTracer('plainsight')
  const underWay = new Set<ServerResponse>()
  return {
    begin(request, incoming, outgoing) {
      underWay.add(outgoing)
      outgoing.once('close', () => underWay.delete(outgoing))
      return new StandardRecord(tracer, options, request, incoming, outgoing)
    },
    willRecord: (error) => [...underWay].some(({ errored }) => errored === error),
  }
}

class StandardRecord implements RequestRecord {
  readonly #options: RecorderOptions
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #attributes: RequestAttributes
  readonly #started = performance.now()
  readonly #span: Span
  readonly #context: Context
  #route: string | undefined
  #error: Error | undefined
  #ended = false

  constructor(
    tracer: Tracer,
    options: RecorderOptions,
    request: Request,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ) {
    this.#options = options
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#attributes = requestAttributes(request, incoming, options.trustedProxies)

    const { parent, links } = this.#callersContext(incoming)
    this.#span = tracer.startSpan(
      spanName(this.#attributes, undefined),
      { kind: SpanKind.SERVER, attributes: { ...this.#attributes }, links },
      parent,
    )
    this.#context = trace.setSpan(parent, this.#span)

    options.metrics.begin(this.#method, this.#attributes['url.scheme'])
    if (this.traceId !== undefined) outgoing.setHeader('x-trace-id', this.traceId)
    // Fires exactly once, whether the answer left, broke off or nobody waited for it.
    outgoing.once('close', () => this.#end())
  }

  get traceId(): string | undefined {
    const spanContext = this.#span.spanContext()
    return isSpanContextValid(spanContext) ? spanContext.traceId : undefined
  }

  get route(): string | undefined {
    return this.#route
  }

  run<result>(work: () => result): result {
    return context.with(this.#context, work)
  }

  setRoute(pattern: string | undefined): void {
    this.#route = pattern
  }

  fail(error: Error): void {
    if (!this.#ended) {
      this.#error = error
      return
    }
    // The client went away, so the record is closed; work that was called off with it is no bug.
    if (isExpected(error) || error.name === 'AbortError' || error === this.#incoming.errored) return
    this.run(() => this.#options.logger.error({ err: error }, 'failed after its client had left'))
  }

  get #method(): string {
    return this.#attributes['http.request.method']
  }

  #callersContext(incoming: IncomingMessage) {
    const remote = propagation.extract(ROOT_CONTEXT, incoming.headers)
    if (this.#options.incomingTraceContext === 'continue') return { parent: remote, links: [] }
    // At the edge neither the caller's sampling decision nor its baggage is believed.
    const caller = trace.getSpanContext(remote)
    return { parent: ROOT_CONTEXT, links: caller ? [{ context: caller }] : [] }
  }

  #end(): void {
    this.#ended = true
    const outcome = this.#outcome()
    const seconds = (performance.now() - this.#started) / 1000
    try {
      this.#observe(outcome, seconds)
      this.#log(outcome, seconds)
      this.#describe(outcome)
    } finally {
      this.#span.end()
      this.#options.metrics.end(this.#method, this.#attributes['url.scheme'])
    }
  }

  #outcome(): Outcome {
    const { headersSent, statusCode, writableFinished, errored, socket } = this.#outgoing
    if (errored instanceof RefusedError) {
      return { status: errored.status, error: undefined, errorType: errored.reason }
    }
    // A pipelined request whose turn never came has no socket; nothing of its answer was sent.
    if (!writableFinished && socket === null) {
      return { status: undefined, error: undefined, errorType: 'client_disconnected' }
    }
    // Before its headers are sent, `statusCode` is only Node's default.
    const status = headersSent ? statusCode : undefined
    const error = this.#error ?? (writableFinished || !errored ? undefined : toError(errored))
    return { status, error, errorType: this.#errorType(status, error) }
  }

  #errorType(status: number | undefined, error: Error | undefined): string | undefined {
    const isFailed = (status ?? 0) >= 500 || !this.#outgoing.writableFinished
    if (error && (isFailed || !isExpected(error))) return typeOf(error)
    if ((status ?? 0) >= 500) return String(status)
    return isFailed ? 'client_disconnected' : undefined
  }

  #observe(outcome: Outcome, seconds: number): void {
    const { metrics } = this.#options
    const labels: RequestLabels = {
      http_request_method: this.#method,
      http_route: this.#route ?? 'unmatched',
      http_response_status_code: String(outcome.status ?? ''),
    }
    const { traceId, spanId, traceFlags } = this.#span.spanContext()
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0 && this.#span.isRecording()
    if (!isSampled || !metrics.claimExemplar(labels, seconds)) {
      metrics.observe(labels, seconds, undefined)
      return
    }
    // A tail sampler keeps what is marked, so that no exemplar points at nothing.
    this.#span.setAttribute('plainsight.exemplar', true)
    metrics.observe(labels, seconds, { trace_id: traceId, span_id: spanId })
  }

  #log(outcome: Outcome, seconds: number): void {
    const { status, error } = outcome
    const isFailure = (status ?? 0) >= 500 || (error !== undefined && !isExpected(error))
    const fields = {
      'http.request.method': this.#method,
      'http.request.method_original': this.#attributes['http.request.method_original'],
      'http.route': this.#route,
      'url.path': this.#attributes['url.path'],
      'http.response.status_code': status,
      'client.address': this.#attributes['client.address'],
      'error.type': outcome.errorType,
      'problem.code': error instanceof ServiceError ? error.code : undefined,
      duration_ms: Math.round(seconds * 1e6) / 1000,
      ...(isFailure && error && { err: error }),
    }
    const method = this.#attributes['http.request.method_original'] ?? this.#method
    const message = `${method} ${this.#attributes['url.path']} ${status ?? 'unanswered'}`
    this.run(() => this.#options.logger[isFailure ? 'error' : 'info'](fields, message))
  }

  #describe({ status, error, errorType: type }: Outcome): void {
    const span = this.#span
    span.updateName(spanName(this.#attributes, this.#route))
    if (this.#route !== undefined) span.setAttribute('http.route', this.#route)
    if (status !== undefined) span.setAttribute('http.response.status_code', status)
    if (type !== undefined) {
      span.setAttribute('error.type', type)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    if (error && !isExpected(error)) {
      span.addEvent('exception', {
        'exception.type': errorType(error),
        'exception.message': redactText(error.message),
        ...(error.stack !== undefined && { 'exception.stacktrace': redactText(error.stack) }),
      })
    }
  }
}

interface Outcome {
  /** Undefined if no answer was begun. */
  status: number | undefined
  error: Error | undefined
  /** Set if, and only if, the request counts as failed. */
  errorType: string | undefined
}

function isExpected(error: Error): boolean {
  return error instanceof ServiceError
}

/** Low in cardinality: a ServiceError's code is one of those in the code. */
function typeOf(error: Error): string {
  return error instanceof ServiceError ? error.code : errorType(error)
}
