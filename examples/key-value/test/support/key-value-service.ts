import assert from 'node:assert/strict'

import { startObserved } from '../../../../test/support/observed-service.ts'
import type { ObservedService } from '../../../../test/support/observed-service.ts'
import { startReplicaOf, startRedis, until } from './redis-server.ts'
import type { RedisServer } from './redis-server.ts'

export const main = 'examples/key-value/src/main.ts'

export interface System extends AsyncDisposable {
  primary: RedisServer
  replicas: RedisServer[]
  observed: ObservedService
  url: string
}

/** A primary, its replicas and the service in front of them. */
export async function startSystem({
  replicas: count = 2,
  primaryOptions = [],
  env = {},
}: {
  replicas?: number
  primaryOptions?: string[]
  env?: Record<string, string>
} = {}): Promise<System> {
  await using starting = new AsyncDisposableStack()
  const primary = starting.use(await startRedis(...primaryOptions))
  const replicas = await Promise.all(
    Array.from({ length: count }, async () => starting.use(await startReplicaOf(primary))),
  )
  const observed = starting.use(
    await startObserved({
      main,
      env: {
        REDIS_PRIMARY_URL: primary.url,
        REDIS_REPLICA_URLS: replicas.map(({ url }) => url).join(','),
        ...env,
      },
    }),
  )
  const running = starting.move()
  return {
    primary,
    replicas,
    observed,
    url: observed.service.url,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export async function set(url: string, key: string, value: string): Promise<Response> {
  return fetch(`${url}/set`, { method: 'POST', body: JSON.stringify({ key, value }) })
}

export async function get(url: string, key: string): Promise<Response> {
  return fetch(`${url}/get?key=${encodeURIComponent(key)}`)
}

export async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code
}

/** A value that each replica gives from now on. */
export async function setEverywhere(system: System, key: string, value: string): Promise<void> {
  assert.equal((await set(system.url, key, value)).status, 200)
  await untilReplicated(system)
}

/** All that the primary has written by now, the replicas have too. */
export async function untilReplicated({ primary, replicas }: System): Promise<void> {
  const written = offsetIn(await primary.cli('INFO', 'replication'), 'master_repl_offset')
  for (const replica of replicas) {
    await until('the replica has caught up', async () => {
      const told = await replica.cli('INFO', 'replication')
      return offsetIn(told, 'slave_repl_offset') >= written
    })
  }
}

function offsetIn(info: string, field: string): number {
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1])
}
