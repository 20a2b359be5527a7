import { ServiceError } from 'plainsight/kernel'

import { NotReplicatedError } from './confirmed-writes.ts'
import type { ConfirmedWrites } from './confirmed-writes.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisConnection } from './redis-connection.ts'
import { RedisFailure } from './redis-failure.ts'
import { readError, writeError } from './redis-errors.ts'
import { readersOf } from './readers.ts'
import type { KeyValueStore, Told } from './store.ts'

export interface RedisStoreOptions {
  primary: RedisConnection
  /** None: the primary answers reads. */
  replicas: RedisConnection[]
  readFallback: 'primary' | 'none'
  /** Undefined: the primary's word is enough. */
  confirmed: ConfirmedWrites | undefined
  timeoutMillis: number
}

export function redisStore(options: RedisStoreOptions): KeyValueStore {
  const { primary, confirmed, timeoutMillis } = options
  const readers = readersOf(options)

  async function read<reply>(
    command: (connection: RedisConnection, timeoutMillis: number) => Promise<reply>,
  ): Promise<reply> {
    const deadline = performance.now() + timeoutMillis
    const candidates = readers()
    let failure = new RedisFailure('away', 'nobody to ask')
    for (const [index, connection] of candidates.entries()) {
      const left = deadline - performance.now()
      const isLast = index === candidates.length - 1
      try {
        // Who does not answer must leave time to ask somebody else.
        return await command(connection, isLast ? left : left / 2)
      } catch (error) {
        failure = asFailure(error)
        if (failure.refusal === 'WRONGTYPE') break
      }
    }
    throw readError(failure)
  }

  async function write<reply>(
    name: string,
    command: (client: RedisClient) => Promise<reply>,
  ): Promise<reply> {
    try {
      return await (confirmed ?? plain).write(name, command)
    } catch (error) {
      if (error instanceof NotReplicatedError) throw notReplicated(error)
      throw writeError(asFailure(error))
    }
  }
  const plain: Pick<ConfirmedWrites, 'write'> = {
    write: (name, command) => primary.send(name, command),
  }

  return {
    read: (key) => read((connection, millis) => connection.send('GET', get(key), millis)),
    readTold: (key) =>
      read((connection, millis) =>
        told(connection, connection.send('GET', get(key), millis), millis),
      ),
    async write(key, value) {
      await write('SET', (client) => client.set(key, value))
    },
    async writeTold(key, value) {
      const written = write('SET', (client) => client.set(key, value))
      // Over another connection INFO would overtake it.
      if (confirmed) await written
      return told(primary, written.then(nothing))
    },
    remove: async (key) => (await write('DEL', (client) => client.del(key))) > 0,
  }
}

/** The reply, and what the server says of its replication: in one go, so that it is asked once. */
async function told<reply>(
  connection: RedisConnection,
  replied: Promise<reply>,
  timeoutMillis?: number,
): Promise<Told<reply>> {
  const info = connection.send('INFO', (client) => client.info('replication'), timeoutMillis)
  const [reply, replication] = await Promise.all([replied, info.catch(() => '')])
  return { reply, replication }
}

function get(key: string): (client: RedisClient) => Promise<string | null> {
  return (client) => client.get(key)
}

function nothing(): void {}

function asFailure(error: unknown): RedisFailure {
  if (error instanceof RedisFailure) return error
  throw error
}

function notReplicated(cause: NotReplicatedError): ServiceError {
  return new ServiceError(
    'unavailable',
    'not-replicated',
    'The primary has it, but too few replicas have confirmed it: if the primary is lost now, so is this.',
    { cause },
  )
}
