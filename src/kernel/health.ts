import type { Logger } from './telemetry/logger.ts'

/** Resolves when the thing checked works, rejects when it does not. Stop early when `signal` aborts. */
export type HealthCheck = (signal: AbortSignal) => Promise<unknown>

export interface HealthCheckOptions {
  /** A failing critical check makes `/readyz` answer 503; any other only shows there. Default true. */
  critical?: boolean
  /** Default 0.8: below the second that a Kubernetes probe waits by default. */
  timeoutSeconds?: number
  /** How long a result is reused, so that probes never stampede a database. Default 1. */
  cacheSeconds?: number
}

export interface CheckReport {
  name: string
  state: 'pass' | 'fail'
  critical: boolean
  /** When the check ended, ISO 8601. */
  time: string
  duration_ms: number
  error?: string
}

export interface ReadinessReport {
  status: 'ready' | 'not-ready' | 'draining'
  checks: CheckReport[]
}

/** Where the service says what it depends on, and the kernel that it is going away. */
export interface HealthRegistry {
  addCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void
}

export class Health implements HealthRegistry {
  readonly #logger: Logger
  readonly #checks = new Map<string, CachedCheck>()
  #draining = false
  #lastChecks: CheckReport[] = []
  #lastLogged = ''

  constructor(logger: Logger) {
    this.#logger = logger
  }

  addCheck(name: string, check: HealthCheck, options: HealthCheckOptions = {}): void {
    if (this.#checks.has(name)) throw new Error(`A health check named "${name}" exists already.`)
    this.#checks.set(name, new CachedCheck(name, check, options))
  }

  get draining(): boolean {
    return this.#draining
  }

  /** From now on not ready, whatever the checks say. */
  drain(): void {
    this.#draining = true
    this.#logChange({ status: 'draining', checks: this.#lastChecks })
  }

  async readiness(): Promise<ReadinessReport> {
    const checks = await Promise.all([...this.#checks.values()].map((check) => check.report()))
    this.#lastChecks = checks
    const report: ReadinessReport = { status: this.#statusOf(checks), checks }
    this.#logChange(report)
    return report
  }

  #statusOf(checks: CheckReport[]): ReadinessReport['status'] {
    if (this.#draining) return 'draining'
    return checks.some(({ critical, state }) => critical && state === 'fail')
      ? 'not-ready'
      : 'ready'
  }

  /** Probes come every few seconds: only what changed since the last one is worth a line. */
  #logChange({ status, checks }: ReadinessReport): void {
    const failing = checks.filter(({ state }) => state === 'fail')
    const state = `${status} ${failing.map(({ name }) => name).join(' ')}`
    if (state === this.#lastLogged) return
    this.#lastLogged = state

    const failures = Object.fromEntries(failing.map(({ name, error }) => [name, error]))
    const level = status === 'not-ready' || failing.length > 0 ? 'warn' : 'info'
    this.#logger[level](failing.length > 0 ? { failures } : {}, sentenceFor[status])
  }
}

const sentenceFor = {
  ready: 'ready',
  'not-ready': 'not ready',
  draining: 'not ready: draining',
} as const satisfies Record<ReadinessReport['status'], string>

/** One check that never runs twice at a time and whose result is reused for a while. */
class CachedCheck {
  readonly #name: string
  readonly #check: HealthCheck
  readonly #critical: boolean
  readonly #timeoutMillis: number
  readonly #cacheMillis: number
  #running: Promise<CheckReport> | undefined
  #unanswered: Promise<unknown> | undefined
  #last: CheckReport | undefined
  #freshUntil = 0

  constructor(name: string, check: HealthCheck, options: HealthCheckOptions) {
    this.#name = name
    this.#check = check
    this.#critical = options.critical ?? true
    this.#timeoutMillis = (options.timeoutSeconds ?? 0.8) * 1000
    this.#cacheMillis = (options.cacheSeconds ?? 1) * 1000
  }

  report(): Promise<CheckReport> {
    if (this.#last && performance.now() < this.#freshUntil) return Promise.resolve(this.#last)
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<CheckReport> {
    const started = performance.now()
    const error = await this.#failure()
    this.#last = {
      name: this.#name,
      state: error === undefined ? 'pass' : 'fail',
      critical: this.#critical,
      time: new Date().toISOString(),
      duration_ms: Math.round((performance.now() - started) * 100) / 100,
      ...(error !== undefined && { error }),
    }
    this.#freshUntil = performance.now() + this.#cacheMillis
    return this.#last
  }

  /** What is wrong, or undefined. A check that ignores its signal is not started again while it hangs. */
  async #failure(): Promise<string | undefined> {
    if (this.#unanswered) return 'an earlier run of this check has still not answered'

    const signal = AbortSignal.timeout(this.#timeoutMillis)
    const answer = (async () => this.#check(signal))()
    this.#unanswered = answer
    answer.then(
      () => (this.#unanswered = undefined),
      () => (this.#unanswered = undefined),
    )
    try {
      await Promise.race([answer, rejectOnAbort(signal, this.#timeoutMillis)])
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}

function rejectOnAbort(signal: AbortSignal, timeoutMillis: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () =>
      reject(new Error(`no answer within ${timeoutMillis / 1000} s`)),
    )
  })
}
