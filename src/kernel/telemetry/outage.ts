import { context, ROOT_CONTEXT } from '@opentelemetry/api'

import type { Logger } from './logger.ts'

/** Says once that a signal stopped leaving the process, and once that it leaves again and what was lost meanwhile. */
export class Outage {
  readonly #logger: Logger
  readonly #signal: string
  #since: number | undefined
  #lost = 0

  constructor(logger: Logger, signal: string) {
    this.#logger = logger
    this.#signal = signal
  }

  begin(reason: string): void {
    if (this.#since !== undefined) return
    this.#since = performance.now()
    this.#lost = 0
    this.#log('warn', { reason }, 'do not leave')
  }

  lost(count: number): void {
    this.#lost += count
  }

  end(): void {
    if (this.#since === undefined) return
    const seconds = Math.round((performance.now() - this.#since) / 100) / 10
    this.#since = undefined
    this.#log('info', { outage_seconds: seconds, lost: this.#lost }, 'leave again')
  }

  /** The timer that sends a batch was started by some request, whose ids have no place on this line. */
  #log(level: 'info' | 'warn', fields: object, what: string): void {
    context.with(ROOT_CONTEXT, () =>
      this.#logger[level](
        { signal: this.#signal, ...fields },
        `telemetry: ${this.#signal} ${what}`,
      ),
    )
  }
}
