import { TraceFlags } from '@opentelemetry/api'
import type { SpanContext } from '@opentelemetry/api'

import type { Job } from '../backlog.ts'
import type { RecordSink } from '../otlp/record-sink.ts'
import type { RequestFacts } from '../request-facts.ts'
import type { RequestSeries } from '../request-metrics.ts'
import type { AccessLog } from './access-log.ts'
import type { ConnectionRun, ConnectionRuns } from './connection-runs.ts'
import type { EndedRequest } from './ended-request.ts'
import type { RequestTemplate } from './request-templates.ts'
import type { SpanIds } from './span-ids.ts'

/** What the telemetry of requests is made with. */
export interface LeanRequestTools {
  runs: ConnectionRuns
  /** Undefined where each line takes the long way, through pino. */
  accessLog: AccessLog | undefined
  /** Where plain spans go; undefined where none are exported. */
  spans: RecordSink | undefined
}

/**
 * What is known of a request: one object from begin to end, so that nothing is copied, and one that holds neither request
 * nor answer, for it waits for its encoding when both are gone.
 */
export class LeanRequest implements EndedRequest, Job {
  readonly facts: RequestFacts
  readonly ids: SpanIds
  readonly parent: SpanContext | undefined
  readonly isSampled: boolean
  // What follows is known when it has ended. Not 0 until then: for V8 that is a number of another kind, and the object gets
  // another shape when the number with a fraction comes.
  timeMillis = Number.NaN
  seconds = Number.NaN
  /** That of its kind; undefined for what is out of the ordinary. */
  template: RequestTemplate | undefined
  isLogged = false
  hasExemplar = false
  readonly #tools: LeanRequestTools
  #startMillis: number | undefined
  #connection: ConnectionRun | undefined

  constructor(
    facts: RequestFacts,
    ids: SpanIds,
    parent: SpanContext | undefined,
    isSampled: boolean,
    tools: LeanRequestTools,
  ) {
    this.facts = facts
    this.ids = ids
    this.parent = parent
    this.isSampled = isSampled
    this.#tools = tools
  }

  get connection(): ConnectionRun {
    this.#connection ??= this.#tools.runs.of(this.facts)
    return this.#connection
  }

  get traceFlags(): TraceFlags {
    return this.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  }

  /** Says when it began; for whoever needs to know before it has ended. */
  startedAgo(millis: number): number {
    this.#startMillis ??= Date.now() - millis
    return this.#startMillis
  }

  // As a rule the wall clock is read at the end only: decision 014.
  get startMillis(): number {
    return this.#startMillis ?? this.timeMillis - this.seconds * 1000
  }

  get endMillis(): number {
    return this.startMillis + this.seconds * 1000
  }

  get durationMicros(): number {
    return Math.round(this.seconds * 1e6)
  }

  observe(series: RequestSeries): void {
    const { ids } = this
    const exemplar = this.hasExemplar ? { trace_id: ids.traceId, span_id: ids.spanId } : undefined
    series.observe(this.seconds, exemplar)
  }

  /** Leaves all that a plain request leaves. */
  run(): void {
    const { accessLog, spans } = this.#tools
    const { template } = this
    if (template === undefined) throw new Error('Only a request with a template is plain.')
    this.observe(template.series)
    try {
      if (this.isLogged) accessLog?.write(template, this)
    } finally {
      if (this.isSampled) template.span.writeTo(spans, this)
    }
  }
}
