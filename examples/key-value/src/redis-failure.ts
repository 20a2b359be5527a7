/**
 * How a command failed: it was never sent because the server is `away` or too many wait for it (`busy`); the server
 * `refused` it; or nobody knows, since the answer did not come in time (`timeout`) or the connection `broke`.
 */
export type RedisOutcome = 'away' | 'busy' | 'refused' | 'timeout' | 'broke'

export class RedisFailure extends Error {
  override readonly name = 'RedisFailure'
  readonly outcome: RedisOutcome
  /** The first word of the server's refusal: `OOM`, `READONLY`, `WRONGTYPE`, … */
  readonly refusal: string

  constructor(outcome: RedisOutcome, message: string, options?: ErrorOptions) {
    super(message, options)
    this.outcome = outcome
    this.refusal = outcome === 'refused' ? (/^[A-Z]+/.exec(message)?.[0] ?? '') : ''
  }
}
