import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'

import { startObserved } from '../../../test/support/observed-service.ts'
import { codeOf, get, main, set, setEverywhere, startSystem } from './support/key-value-service.ts'
import { redisMissing, startRedis, until } from './support/redis-server.ts'

// Of the machine, not of the service: what a deadline may be late.
const marginMillis = 1000

describe('a primary that is away', { skip: redisMissing, concurrency: true }, () => {
  it('is 503 to writes while reads go on, and is found again without a restart', async () => {
    await using system = await startSystem()
    await setEverywhere(system, 'k', 'v')

    await system.primary.kill()
    await until('the loss is noticed', async () => (await set(system.url, 'x', 'y')).status === 503)
    const write = await set(system.url, 'k', 'lost')
    const put = await fetch(`${system.url}/keys/k`, { method: 'PUT', body: 'lost' })
    const removal = await fetch(`${system.url}/keys/k`, { method: 'DELETE' })

    assert.equal(write.headers.get('retry-after'), '1')
    const codes = await Promise.all([write, put, removal].map(codeOf))
    assert.deepEqual(codes, ['primary-away', 'primary-away', 'primary-away'])
    assert.equal((await get(system.url, 'k')).status, 200)
    assert.equal((await fetch(`${system.url}/readyz`)).status, 200)
    await until('nobody tells how many replicas there are', async () =>
      (await system.observed.samples()).every(({ name }) => name !== 'redis_connected_replicas'),
    )

    await system.primary.restart()
    await until('writes go on', async () => (await set(system.url, 'k', 'new')).status === 200)
    assert.equal(await system.primary.cli('GET', 'k'), 'new')
  })

  it('that hangs is neither waited for beyond the deadline nor by probes, and no write is taken for done', async () => {
    await using system = await startSystem()
    await setEverywhere(system, 'k', 'v')

    system.primary.pause()
    const first = await timed(() => set(system.url, 'k', 'perhaps'))
    const then = await timed(() => set(system.url, 'k', 'no'))
    const probes = await Promise.all(
      ['/livez', '/readyz', '/metrics'].map((path) => timed(() => fetch(`${system.url}${path}`))),
    )
    const read = await timed(() => get(system.url, 'k'))

    assertUnknown(first)
    assert.ok(first.millis < 1000 + marginMillis, `${first.millis}`)
    assert.deepEqual([then.status, then.code], [503, 'primary-away'])
    assert.ok(then.millis < marginMillis, `${then.millis}`)
    for (const probe of probes) assert.ok(probe.status === 200 && probe.millis < 1000)
    assert.equal(read.status, 200)

    system.primary.resume()
    await until('writes go on', async () => (await set(system.url, 'k', 'new')).status === 200)
  })
})

describe('replicas that are away', { skip: redisMissing, concurrency: true }, () => {
  it('leave reads to the primary', async () => {
    await using system = await startSystem()
    await setEverywhere(system, 'k', 'v')

    await Promise.all(system.replicas.map((replica) => replica.kill()))
    const read = await get(system.url, 'k')

    assert.equal(read.status, 200)
    assert.match(await read.text(), /role:master/)
  })

  it('are 503 to reads with READ_FALLBACK=none, while writes go on', async () => {
    await using system = await startSystem({ env: { READ_FALLBACK: 'none' } })
    await setEverywhere(system, 'k', 'v')

    await Promise.all(system.replicas.map((replica) => replica.kill()))
    const read = await get(system.url, 'k')

    assert.deepEqual([read.status, await codeOf(read)], [503, 'no-reader'])
    assert.equal((await set(system.url, 'k', 'v')).status, 200)
  })

  it('that hang are passed over within the deadline, and asked again later', async () => {
    await using system = await startSystem()
    await setEverywhere(system, 'k', 'v')
    const [hung] = system.replicas
    assert.ok(hung)

    hung.pause()
    const reads = await Promise.all(
      Array.from({ length: 50 }, () => timed(() => get(system.url, 'k'))),
    )
    const probe = await timed(() => fetch(`${system.url}/readyz`))

    assert.ok(reads.every(({ status }) => status === 200))
    assert.ok(Math.max(...reads.map(({ millis }) => millis)) < 1000 + marginMillis)
    assert.ok(probe.status === 200 && probe.millis < 1000)

    hung.resume()
    await until('it is asked again', async () =>
      /redis_connection_up\{role="replica",server="[^"]*"\} 1\n.*redis_connection_up\{role="replica",server="[^"]*"\} 1\n/s.test(
        await (await fetch(`${system.url}/metrics`)).text(),
      ),
    )
  })

  it('that hang, all of them, leave reads to the primary and harm nobody else', async () => {
    await using system = await startSystem()
    await setEverywhere(system, 'k', 'v')

    for (const replica of system.replicas) replica.pause()
    const [reads, writes] = await Promise.all([
      Promise.all(Array.from({ length: 50 }, () => timed(() => get(system.url, 'k')))),
      Promise.all(Array.from({ length: 50 }, (_, index) => set(system.url, `k${index}`, 'v'))),
    ])
    for (const replica of system.replicas) replica.resume()

    assert.deepEqual([...new Set(reads.map(({ status }) => status))], [200])
    assert.ok(Math.max(...reads.map(({ millis }) => millis)) < 1000 + marginMillis)
    assert.deepEqual([...new Set(writes.map(({ status }) => status))], [200])
  })

  it('or have never reached the primary since they started are not asked what exists', async () => {
    await using primary = await startRedis()
    await using orphan = await startRedis('--replicaof', '127.0.0.1 1')
    await using stranger = await startRedis()
    await using observed = await startObserved({
      main,
      env: {
        REDIS_PRIMARY_URL: primary.url,
        REDIS_REPLICA_URLS: `${orphan.url},${stranger.url}`,
      },
    })
    await set(observed.service.url, 'k', 'v')

    for (let reads = 0; reads < 6; reads += 1) {
      assert.equal((await get(observed.service.url, 'k')).status, 200)
    }
    // Also of a primary that was found only after the first look.
    const known = [
      ['redis', 'pass'],
      [`redis-primary ${primary.name}`, 'pass'],
      [`redis-replica ${orphan.name}`, 'fail'],
      [`redis-replica ${stranger.name}`, 'fail'],
    ]
    await until(`/readyz tells ${JSON.stringify(known)}`, async () => {
      const answer = await fetch(`${observed.service.url}/readyz`)
      const { checks } = (await answer.json()) as Readiness
      return isDeepStrictEqual(
        checks.map(({ name, state }) => [name, state]),
        known,
      )
    })

    await stranger.cli('REPLICAOF', '127.0.0.1', String(primary.port))
    await until('it is asked once it is a replica', async () =>
      (await (await get(observed.service.url, 'k')).text()).includes('role:slave'),
    )
  })
})

describe('a service without any Redis', { skip: redisMissing, concurrency: true }, () => {
  it('starts, is alive but not ready, and is ready as soon as there is one', async () => {
    const gone = await startRedis()
    await gone.kill()
    await using redis = gone
    await using observed = await startObserved({ main, env: { REDIS_PRIMARY_URL: redis.url } })
    const { url } = observed.service

    assert.equal((await fetch(`${url}/livez`)).status, 200)
    assert.equal((await fetch(`${url}/readyz`)).status, 503)
    assert.equal((await fetch(`${url}/startupz`)).status, 200)
    const read = await get(url, 'k')
    assert.deepEqual([read.status, await codeOf(read)], [503, 'no-reader'])

    await redis.restart()
    await until('ready', async () => (await fetch(`${url}/readyz`)).status === 200)
    assert.equal((await set(url, 'k', 'v')).status, 200)
    assert.match(await (await get(url, 'k')).text(), /get k: v.*role:master/)
    await observed.service.waitForLine('connected', ({ msg }) => msg === 'redis: connected')
    const said = observed.service.lines.filter(({ msg }) => msg?.startsWith('redis: '))
    assert.deepEqual(
      said.map(({ msg, level }) => [level, msg]),
      [
        ['warn', 'redis: away'],
        ['info', 'redis: connected'],
      ],
    )
  })

  it('stops in good order, even while Redis hangs', async () => {
    await using system = await startSystem()
    system.primary.pause()
    const write = set(system.url, 'k', 'v')
    await until('the write is under way', async () =>
      /http_server_active_requests\{[^}]*POST[^}]*\} 1/.test(
        await (await fetch(`${system.url}/metrics`)).text(),
      ),
    )

    const { code } = await system.observed.service.stop()

    assert.equal(code, 0)
    assertUnknown(await timed(() => write))
  })
})

describe('MIN_REPLICAS', { skip: redisMissing, concurrency: true }, () => {
  it('confirms what so many replicas have', async () => {
    await using system = await startSystem({ env: { MIN_REPLICAS: '2' } })

    const writes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => set(system.url, `k${index}`, `v${index}`)),
    )

    assert.ok(writes.every(({ status }) => status === 200))
    const answer = (await writes[0]?.json()) as Record<string, string>
    assert.match(answer['redis_replication'] ?? '', /role:master/)
    for (const { cli } of system.replicas) assert.equal(await cli('DBSIZE'), '200')
    for (const { cli } of system.replicas) assert.equal(await cli('GET', 'k7'), 'v7')
  })

  it('is 503 where too few do, and says that the primary has it', async () => {
    await using system = await startSystem({ env: { MIN_REPLICAS: '1' } })
    await set(system.url, 'k', 'v')

    for (const replica of system.replicas) replica.pause()
    const writes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => timed(() => set(system.url, `k${index}`, 'v'))),
    )

    // The first round carries what came first, the second all the rest: two deadlines at most.
    assert.ok(writes.every(({ status, code }) => status === 503 && code === 'not-replicated'))
    assert.ok(Math.max(...writes.map(({ millis }) => millis)) < 2000 + marginMillis)
    assert.equal(await system.primary.cli('EXISTS', 'k1', 'k99'), '2')

    for (const replica of system.replicas) replica.resume()
    await until('writes are confirmed again', async () => (await set(system.url, 'k', 'v')).ok)
  })

  it('confirms removals, too', async () => {
    await using system = await startSystem({ env: { MIN_REPLICAS: '1' } })
    await set(system.url, 'k', 'v')

    const removed = await fetch(`${system.url}/keys/k`, { method: 'DELETE' })
    const again = await fetch(`${system.url}/keys/k`, { method: 'DELETE' })

    assert.deepEqual([removed.status, again.status], [204, 404])
  })
})

interface Readiness {
  checks: { name: string; state: string }[]
}

/** 504 when its own deadline passed, 503 when that of a command before it did, which ends the connection. */
function assertUnknown({ status, code }: { status: number; code: string | undefined }): void {
  assert.equal(code, 'outcome-unknown')
  assert.ok(status === 503 || status === 504, String(status))
}

async function timed(ask: () => Promise<Response>) {
  const begun = performance.now()
  const response = await ask()
  const text = await response.text()
  return {
    status: response.status,
    code: /"code":"([^"]*)"/.exec(text)?.[1],
    millis: performance.now() - begun,
  }
}
