import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { codeOf, set, startSystem } from './support/key-value-service.ts'
import type { System } from './support/key-value-service.ts'
import { redisMissing, until } from './support/redis-server.ts'
import type { RedisServer } from './support/redis-server.ts'

const knownKeys = Array.from({ length: 20 }, (_, index) => `known-${index}`)
const promised = new Set([
  '503 primary-away',
  '503 primary-loading',
  '503 outcome-unknown',
  '504 outcome-unknown',
])

describe('under load', { skip: redisMissing }, () => {
  it('serves 200 readers and writers at once', async () => {
    await using system = await startSystem()
    for (const key of knownKeys) assert.equal((await set(system.url, key, `${key}!`)).status, 200)
    await replicated(system, knownKeys.length)

    const writers = Array.from({ length: 100 }, async (_, index) => {
      assert.equal((await set(system.url, `k${index}`, `v${index}`)).status, 200)
    })
    const readers = Array.from({ length: 100 }, async (_, index) => {
      const key = knownKeys[index % knownKeys.length] ?? ''
      const response = await fetch(`${system.url}/keys/${key}`)
      assert.equal(await response.text(), `${key}!`)
    })
    await Promise.all([...writers, ...readers])

    await replicated(system, knownKeys.length + 100)
    for (let index = 0; index < 100; index += 1) {
      const response = await fetch(`${system.url}/keys/k${index}`)
      assert.equal(await response.text(), `v${index}`)
    }
  })

  it('a replica and then the primary are killed: only what is promised fails, and no confirmed write is lost', async () => {
    await using system = await startSystem({
      primaryOptions: ['--appendonly', 'yes', '--appendfsync', 'always'],
    })
    for (const key of knownKeys) assert.equal((await set(system.url, key, `${key}!`)).status, 200)
    await replicated(system, knownKeys.length)

    const load = startLoad(system)
    await sleep(500)
    const [replica] = system.replicas
    await replica?.kill()
    await sleep(300)
    await replica?.restart()
    await sleep(700)
    await system.primary.kill()
    await sleep(500)
    await system.primary.restart()
    const before = load.confirmed.size
    await until('writes go on', () => load.confirmed.size > before + 50)
    await load.stop()

    assert.ok(load.confirmed.size > 100, `${load.confirmed.size} writes`)
    assert.ok(load.reads > 100, `${load.reads} reads`)
    assert.deepEqual(load.wrongReads, [])
    const strange = load.failedWrites.filter((failure) => !promised.has(failure))
    assert.deepEqual(strange, [])
    assert.ok(load.failedWrites.length > 0, 'the primary was missed')
    assert.deepEqual(await lost(load.confirmed, system.primary), [])

    // The service has found everybody again, by itself.
    await until('both replicas have everything', async () => {
      const sizes = await Promise.all(
        [system.primary, ...system.replicas].map(({ cli }) => cli('DBSIZE')),
      )
      return new Set(sizes).size === 1
    })
    for (const each of system.replicas) assert.deepEqual(await lost(load.confirmed, each), [])
  })
})

/** 60 writers that never use a key twice, and 60 readers of keys that were there before. */
function startLoad(system: System) {
  const confirmed = new Map<string, string>()
  const failedWrites: string[] = []
  const wrongReads: string[] = []
  const load = { confirmed, failedWrites, wrongReads, reads: 0, stop }
  const stopping = new AbortController()

  async function write(writer: number): Promise<void> {
    for (let count = 0; !stopping.signal.aborted; count += 1) {
      const [key, value] = [`w${writer}-${count}`, `${count}`]
      const response = await set(system.url, key, value)
      if (response.ok) {
        await response.text()
        confirmed.set(key, value)
      } else {
        failedWrites.push(`${response.status} ${await codeOf(response)}`)
        // As a client that honours Retry-After would, only sooner.
        await sleep(20)
      }
    }
  }
  async function read(reader: number): Promise<void> {
    for (let count = reader; !stopping.signal.aborted; count += 1) {
      const key = knownKeys[count % knownKeys.length] ?? ''
      const response = await fetch(`${system.url}/keys/${key}`)
      const text = await response.text()
      load.reads += 1
      if (text !== `${key}!`) wrongReads.push(`${response.status} ${text}`)
    }
  }
  const workers = Array.from({ length: 60 }, (_, worker) => [write(worker), read(worker)]).flat()

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all(workers)
  }
  return load
}

/** The keys whose confirmed value the server does not have. */
async function lost(confirmed: Map<string, string>, server: RedisServer): Promise<string[]> {
  const keys = [...confirmed.keys()]
  const missing: string[] = []
  for (let from = 0; from < keys.length; from += 1000) {
    const some = keys.slice(from, from + 1000)
    const values = (await server.cli('MGET', ...some)).split('\n')
    assert.equal(values.length, some.length)
    missing.push(...some.filter((key, index) => values[index] !== confirmed.get(key)))
  }
  return missing
}

async function replicated({ replicas }: System, keys: number): Promise<void> {
  await until(`the replicas have ${keys} keys`, async () =>
    (await Promise.all(replicas.map(({ cli }) => cli('DBSIZE')))).every(
      (size) => size === String(keys),
    ),
  )
}
