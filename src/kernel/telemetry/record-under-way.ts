import { AsyncResource } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
// Not the global one, which is asked for anew each time.
import { performance } from 'node:perf_hooks'

import { context } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'

import type { Logger } from './logger.ts'
import type { RecordsUnderWay } from './records-under-way.ts'
import { isExpected, outcomeOf } from './request-outcome.ts'
import type { Outcome } from './request-outcome.ts'
import type { OpenRecord } from './request-recorder.ts'

export type UnderWay = RecordsUnderWay<RecordUnderWay>

/** What the records of all recorders have in common: when they end and with what, and not how that is told. */
export abstract class RecordUnderWay implements OpenRecord {
  abstract readonly traceId: string | undefined
  protected abstract readonly context: Context
  readonly outgoing: ServerResponse
  indexUnderWay = 0
  readonly #underWay: UnderWay
  readonly #logger: Logger
  readonly #startedMillis = performance.now()
  #route: string | undefined
  #failure: Error | undefined
  #ended = false

  constructor(outgoing: ServerResponse, logger: Logger, underWay: UnderWay) {
    this.outgoing = outgoing
    this.#logger = logger
    this.#underWay = underWay
    underWay.add(this)
  }

  get elapsedMillis(): number {
    return performance.now() - this.#startedMillis
  }

  get route(): string | undefined {
    return this.#route
  }

  setRoute(pattern: string | undefined): void {
    this.#route = pattern
  }

  run<result>(work: () => result): result {
    // `context.with` puts back what was there by copying all that storages hold, a resource has it as it was: decision 014.
    const resource = new AsyncResource('RequestRecord', withoutDestroyHook)
    return resource.runInAsyncScope(runWithin<result>, undefined, this.context, work)
  }

  close(): void {
    this.#ended = true
    this.#underWay.delete(this)
    const now = performance.now()
    this.end(outcomeOf(this.outgoing, this.#failure), (now - this.#startedMillis) / 1000, now)
  }

  fail(error: Error): void {
    if (!this.#ended) {
      this.#failure = error
      return
    }
    // The client went away, so the record is closed; work that was called off with it is no bug.
    if (isExpected(error) || error.name === 'AbortError' || error === this.outgoing.req.errored) {
      return
    }
    this.run(() => this.#logger.error({ err: error }, 'failed after its client had left'))
  }

  /** Leaves the span, the line and the measurement; `uptimeMillis` is now. */
  protected abstract end(outcome: Outcome, seconds: number, uptimeMillis: number): void
}

const withoutDestroyHook = { requireManualDestroy: true }

function runWithin<result>(own: Context, work: () => result): result {
  // For as long as the resource's scope lasts, and what is begun in it.
  context.attach(own)
  return work()
}

/** Whether the answer of one of them broke off with this error. */
export function brokeOffWith(underWay: UnderWay, error: Error): boolean {
  return underWay.some(({ outgoing }) => outgoing.errored === error)
}
