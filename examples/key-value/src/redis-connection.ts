import { setTimeout as sleep } from 'node:timers/promises'

import { untraced } from 'plainsight/kernel'
import type { Logger } from 'plainsight/kernel'

import { DeadlineError, within } from './deadline.ts'
import { failureOf } from './redis-client.ts'
import type { RedisClient } from './redis-client.ts'
import { RedisFailure } from './redis-failure.ts'
import type { RedisMetrics, Role } from './redis-metrics.ts'
import { parseReplication } from './replication.ts'
import type { Replication } from './replication.ts'

export interface RedisConnectionOptions {
  role: Role
  /** `host:port`. */
  server: string
  timeoutMillis: number
  createClient(): RedisClient
  logger: Logger
  metrics: RedisMetrics
}

const firstPauseMillis = 50
const longestPauseMillis = 2000

/**
 * One connection to a Redis server, made anew for ever. A server that does not answer within the deadline is taken for
 * gone: what waits for it fails at once, and so does everything that follows, until it answers again.
 */
export class RedisConnection implements Disposable {
  readonly role: Role
  readonly server: string
  /** Why there is no connection. */
  trouble = 'not yet connected'
  /** As of the last look. */
  replication: Replication | undefined
  readonly #options: RedisConnectionOptions
  readonly #closing = new AbortController()
  #client: RedisClient | undefined
  #wasReported: 'up' | 'down' | undefined

  constructor(options: RedisConnectionOptions) {
    this.role = options.role
    this.server = options.server
    this.#options = options
    options.metrics.connectionUp(this, false)
  }

  get isReady(): boolean {
    return this.#client !== undefined
  }

  /** Resolves after the first attempt, whatever came of it. */
  start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    // Connections belong to no request, nor do the commands that keep an eye on them.
    void untraced(() => this.#keepConnected(resolve))
    return promise
  }

  /**
   * Runs a command of which `name` is the first word.
   * @throws RedisFailure
   */
  async send<reply>(
    name: string,
    command: (client: RedisClient) => Promise<reply>,
    timeoutMillis = this.#options.timeoutMillis,
  ): Promise<reply> {
    const begun = performance.now()
    try {
      const reply = await this.#answer(command, timeoutMillis)
      this.#options.metrics.commandEnded(this.role, name, 'ok', begun)
      return reply
    } catch (error) {
      const failure = failureOf(error)
      this.#options.metrics.commandEnded(this.role, name, failure.outcome, begun)
      throw failure
    }
  }

  /** Learns how the server's replication stands. */
  async look(): Promise<void> {
    try {
      await untraced(async () => {
        const info = await this.send('INFO', (client) => client.info('replication'))
        this.replication = parseReplication(info)
      })
    } catch {
      // A lost connection has said so already; a refusal leaves what was known.
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort()
    this.#lose(this.#client, 'closed')
  }

  async #answer<reply>(
    command: (client: RedisClient) => Promise<reply>,
    timeoutMillis: number,
  ): Promise<reply> {
    const client = this.#client
    if (!client) throw new RedisFailure('away', `${this.server}: ${this.trouble}`)
    try {
      return await within(timeoutMillis, command(client))
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error
      // Who asked for an answer sooner than that has no right to judge: others still wait.
      if (timeoutMillis >= this.#options.timeoutMillis) this.#lose(client, error.message)
      throw new RedisFailure('timeout', `${this.server}: ${error.message}`, { cause: error })
    }
  }

  async #keepConnected(onFirstAttempt: () => void): Promise<void> {
    const { signal } = this.#closing
    for (let attempts = 0; !signal.aborted; attempts += 1) {
      const client = this.#options.createClient()
      const { promise: lost, resolve: lose } = Promise.withResolvers<Error>()
      client.on('error', lose)
      // Whoever destroyed it has said why.
      client.on('end', () => lose(new Error(this.trouble)))
      try {
        await this.#connect(client)
        onFirstAttempt()
        const begun = performance.now()
        this.#lose(client, (await lost).message)
        // A server that lets us in and throws us out again is not to be stormed.
        if (performance.now() - begun > longestPauseMillis) attempts = 0
      } catch (error) {
        this.#lose(client, failureOf(error).message)
        onFirstAttempt()
      }
      await sleep(pauseMillis(attempts), undefined, { signal }).catch(() => {})
    }
  }

  /** A server that accepts but does not speak is none, and neither is one whose first word is a refusal. */
  async #connect(client: RedisClient): Promise<void> {
    const { timeoutMillis, logger, metrics } = this.#options
    const info = await within(
      timeoutMillis,
      client.connect().then(() => client.info('replication')),
    )
    if (this.#closing.signal.aborted) throw new RedisFailure('away', 'closed')
    this.replication = parseReplication(info)
    this.#client = client
    metrics.connectionUp(this, true)
    if (this.#wasReported !== 'up') logger.info(this.#fields(), 'redis: connected')
    this.#wasReported = 'up'
  }

  #lose(client: RedisClient | undefined, reason: string): void {
    client?.destroy()
    if (client !== this.#client && this.#client) return
    this.#client = undefined
    this.trouble = reason
    const { logger, metrics } = this.#options
    metrics.connectionUp(this, false)
    if (this.#wasReported === 'down' || this.#closing.signal.aborted) return
    logger.warn({ ...this.#fields(), reason }, 'redis: away')
    this.#wasReported = 'down'
  }

  #fields() {
    return { 'redis.role': this.role, 'redis.server': this.server }
  }
}

/** Doubles up to two seconds; half of it by chance, so that a thousand clients do not knock at once. */
function pauseMillis(attempts: number): number {
  const pause = Math.min(firstPauseMillis * 2 ** attempts, longestPauseMillis)
  return pause / 2 + (Math.random() * pause) / 2
}
