import { setImmediate as afterMicrotasks } from 'node:timers/promises'

import { context } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'

import { DeadlineError, within } from './deadline.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisConnection } from './redis-connection.ts'
import { RedisFailure } from './redis-failure.ts'

export interface ConfirmedWritesOptions {
  /** Of no use to anybody else: WAIT blocks it, and counts the writes of this connection alone. */
  connection: RedisConnection
  minReplicas: number
  timeoutMillis: number
}

/** The primary has done the write, too few replicas have said that they have it. */
export class NotReplicatedError extends Error {
  override readonly name = 'NotReplicatedError'
}

/** Writes that are sent together, followed by one WAIT for all of them. */
interface Round {
  members: number
  begun: PromiseWithResolvers<void>
  confirmations: PromiseWithResolvers<number>
  /** That of the first member: the span of WAIT goes there. */
  context: Context
}

// As many as one round may carry.
const mostMembers = 1000

/**
 * Writes that wait for replicas, in rounds: what comes while one round waits makes up the next. So a write waits for
 * its turn and for its round, each at most as long as the deadline, however many others there are.
 */
export class ConfirmedWrites {
  readonly #options: ConfirmedWritesOptions
  #next: Round | undefined
  #isRunning = false

  constructor(options: ConfirmedWritesOptions) {
    this.#options = options
  }

  /** @throws RedisFailure, NotReplicatedError */
  async write<reply>(
    name: string,
    command: (client: RedisClient) => Promise<reply>,
  ): Promise<reply> {
    const { connection, minReplicas, timeoutMillis } = this.#options
    const round = this.#join()
    await within(timeoutMillis, round.begun.promise).catch(refuseLate)

    const reply = await connection.send(name, command)
    const confirmations = await round.confirmations.promise
    if (confirmations >= minReplicas) return reply
    throw new NotReplicatedError(`${confirmations} of ${minReplicas} replicas have it`)
  }

  #join(): Round {
    const round = (this.#next ??= {
      members: 0,
      begun: Promise.withResolvers(),
      confirmations: Promise.withResolvers(),
      context: context.active(),
    })
    if (round.members === mostMembers) {
      throw new RedisFailure('busy', 'too many writes wait for replicas')
    }
    round.members += 1
    if (!this.#isRunning) void this.#run()
    return round
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let round = this.#next; round; round = this.#next) {
      this.#next = undefined
      round.begun.resolve()
      // By then each member has handed over its write.
      await afterMicrotasks()
      round.confirmations.resolve(await context.with(round.context, () => this.#confirmations()))
    }
    this.#isRunning = false
  }

  /** How many replicas have everything that this connection has written. */
  async #confirmations(): Promise<number> {
    const { connection, minReplicas, timeoutMillis } = this.#options
    // Redis gives up before we do, and then tells how many there were.
    const patience = Math.ceil(timeoutMillis * 0.8)
    try {
      return await connection.send('WAIT', (client) => client.wait(minReplicas, patience))
    } catch {
      return 0
    }
  }
}

function refuseLate(error: unknown): never {
  if (!(error instanceof DeadlineError)) throw error
  throw new RedisFailure('busy', 'no turn in time', { cause: error })
}
