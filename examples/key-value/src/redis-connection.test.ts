import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { describe, it } from 'node:test'

import type { Logger } from 'plainsight/kernel'

import { redisMissing, startRedis, until } from '../test/support/redis-server.ts'
import { redisAddress } from './redis-address.ts'
import { createRedisClient } from './redis-client.ts'
import { RedisConnection } from './redis-connection.ts'
import { RedisFailure } from './redis-failure.ts'

describe('RedisConnection', { skip: redisMissing }, () => {
  it('sends commands, and knows what the server says of its replication', async () => {
    await using redis = await startRedis()
    using connection = connectionTo(redis.url)
    await connection.start()

    await connection.send('SET', (client) => client.set('k', 'v'))

    assert.equal(await connection.send('GET', (client) => client.get('k')), 'v')
    assert.equal(connection.replication?.role, 'primary')
  })

  it('fails at once with what was never sent while there is no server, and finds it later', async () => {
    const redis = await startRedis()
    await redis.kill()
    await using server = redis
    using connection = connectionTo(server.url)
    await connection.start()

    assert.equal(await outcomeOf(connection), 'away')
    assert.match(connection.trouble, /ECONNREFUSED/)

    await server.restart()
    await until('connected', () => connection.isReady)
    assert.equal(await outcomeOf(connection), 'ok')
  })

  it('gives a server that hangs one deadline, whatever else waits for it then, and finds it again', async () => {
    await using redis = await startRedis()
    using connection = connectionTo(redis.url, 300)
    await connection.start()

    redis.pause()
    const first = outcomeOf(connection)
    const begun = performance.now()
    const others = Array.from({ length: 50 }, () => outcomeOf(connection))
    assert.equal(await first, 'timeout')
    for (const outcome of await Promise.all(others)) assert.match(outcome, /timeout|broke/)
    assert.ok(performance.now() - begun < 1300)
    assert.equal(await outcomeOf(connection), 'away')
    assert.equal(connection.isReady, false)

    redis.resume()
    await until('connected', () => connection.isReady)
    assert.equal(await outcomeOf(connection), 'ok')
  })

  it('turns away more than one connection may hold', async () => {
    await using redis = await startRedis()
    using connection = connectionTo(redis.url, 500)
    await connection.start()

    redis.pause()
    const outcomes = await Promise.all(Array.from({ length: 2500 }, () => outcomeOf(connection)))
    redis.resume()

    assert.equal(outcomes.filter((outcome) => outcome === 'busy').length, 500)
    assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 0)
  })

  it('is not ready with a server that says nothing, hangs up, or is no Redis', async () => {
    for (const behaviour of ['silent', 'hangs-up', 'babbles'] as const) {
      await using server = await startStranger(behaviour)
      using connection = connectionTo(`redis://127.0.0.1:${server.port}`, 200)

      await connection.start()

      assert.equal(connection.isReady, false, behaviour)
      assert.equal(await outcomeOf(connection), 'away', behaviour)
      await until('it tries again', () => server.visits() > 1)
    }
  })

  it('reports each change once', async () => {
    await using redis = await startRedis()
    const said: string[] = []
    using connection = connectionTo(redis.url, 1000, said)
    await connection.start()

    await redis.kill()
    await until('lost', () => !connection.isReady)
    await redis.restart()
    await until('connected', () => connection.isReady)

    assert.deepEqual(said, ['redis: connected', 'redis: away', 'redis: connected'])
  })

  it('tries no more once it is closed', async () => {
    await using server = await startStranger('hangs-up')
    const connection = connectionTo(`redis://127.0.0.1:${server.port}`)
    await connection.start()

    connection[Symbol.dispose]()
    const visits = server.visits()

    // Longer than the first pauses together.
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.ok(server.visits() <= visits + 1)
    assert.equal(await outcomeOf(connection), 'away')
  })
})

function connectionTo(url: string, timeoutMillis = 1000, said: string[] = []): RedisConnection {
  const address = redisAddress(url)
  const note = (_fields: object, message: string) => void said.push(message)
  return new RedisConnection({
    role: 'primary',
    server: address.name,
    timeoutMillis,
    createClient: () => createRedisClient(address, { passwordFile: undefined, ca: undefined }),
    logger: { info: note, warn: note } as unknown as Logger,
    metrics: {
      commandEnded() {},
      connectionUp() {},
      connectedReplicas() {},
      replica() {},
    },
  })
}

async function outcomeOf(connection: RedisConnection): Promise<string> {
  try {
    await connection.send('GET', (client) => client.get('k'))
    return 'ok'
  } catch (error) {
    assert.ok(error instanceof RedisFailure)
    return error.outcome
  }
}

async function startStranger(behaviour: 'silent' | 'hangs-up' | 'babbles') {
  let visits = 0
  const sockets = new Set<{ destroy(): void }>()
  const server: Server = createServer((socket) => {
    visits += 1
    sockets.add(socket)
    socket.on('error', () => {})
    if (behaviour === 'hangs-up') socket.end()
    if (behaviour === 'babbles') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    visits: () => visits,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
