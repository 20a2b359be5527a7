import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/guarded-registry.ts'
import { RateLimit } from '../telemetry/rate-limit.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

const refusals = {
  malformed: [400, 'That is no HTTP request.'],
  unknown_method: [400, 'That is no HTTP method.'],
  bad_host: [400, 'The Host header is missing or wrong.'],
  bad_target: [400, 'The request target is no valid path or URL.'],
  timeout: [408, 'The request did not arrive in time.'],
  chunk_extensions_too_large: [413, 'The chunk extensions are too long.'],
  expectation: [417, 'Only "100-continue" can be expected.'],
  headers_too_large: [431, 'The headers are too long.'],
  connect: [501, 'This is no proxy: CONNECT is not answered.'],
} as const satisfies Record<string, [status: number, detail: string]>

export type RefusalReason = keyof typeof refusals

function refusalProblem(reason: RefusalReason): Problem {
  const [status, detail] = refusals[reason]
  return problem(status, reason.replaceAll('_', '-'), detail)
}

/** What is refused before it becomes a request, or while its body arrives: counted, and warned of now and then. */
export class Refusals {
  readonly #logger: Logger
  readonly #counter
  readonly #limits = new Map<RefusalReason, RateLimit>()

  constructor(metrics: Metrics, logger: Logger) {
    this.#logger = logger
    this.#counter = metrics.counter({
      name: 'http_server_refused_requests_total',
      help: 'What arrived and never became a request, by reason.',
      labelNames: ['reason'],
    })
    for (const reason of Object.keys(refusals)) this.#counter.inc({ reason }, 0)
  }

  /** Counts it, and returns the problem to answer with. */
  refuse(reason: RefusalReason, peer: string | undefined): Problem {
    this.#counter.inc({ reason })
    this.#warn(reason, peer)
    return refusalProblem(reason)
  }

  #warn(reason: RefusalReason, peer: string | undefined): void {
    const limit = this.#limits.get(reason) ?? new RateLimit(1, 10)
    this.#limits.set(reason, limit)
    const suppressed = limit.admit()
    if (suppressed === undefined) return
    this.#logger.warn(
      { reason, 'network.peer.address': peer, ...(suppressed > 0 && { suppressed }) },
      'refused before it became a request',
    )
  }
}
