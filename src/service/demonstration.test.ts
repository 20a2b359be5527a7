import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { pino } from 'pino'

import { ServiceError } from '../kernel/index.ts'
import { demonstrationRoutes } from './demonstration.ts'

describe('demonstrationRoutes', () => {
  it('/slow takes as long as it is asked to, and says so', async () => {
    const begun = performance.now()

    const response = await get('/slow?seconds=0.2')

    assert.equal(await response.text(), 'That took 0.2 s.\n')
    assert.ok(performance.now() - begun >= 190)
  })

  it('/slow ends early when its caller leaves', async () => {
    const begun = performance.now()
    const leaving = new AbortController()
    setTimeout(() => leaving.abort(), 50)

    await get('/slow?seconds=5', leaving.signal)

    assert.ok(performance.now() - begun < 2000)
  })

  it('/slow refuses what is no number of seconds that it is willing to wait', async () => {
    for (const seconds of ['6', '-1', 'long', '', '1e1']) {
      assert.ok((await errorOf(`/slow?seconds=${seconds}`)) instanceof ServiceError, seconds)
    }
  })

  it('/unavailable is an expected failure', async () => {
    const error = await errorOf('/unavailable')

    assert.ok(error instanceof ServiceError)
    assert.deepEqual([error.fault, error.code], ['unavailable', 'dependency-away'])
  })

  it('/bug is a bug', async () => {
    assert.ok((await errorOf('/bug')) instanceof TypeError)
  })
})

const logger = pino({ level: 'silent' })

async function get(path: string, signal?: AbortSignal): Promise<Response> {
  return await demonstrationRoutes(logger).request(
    new Request(`http://localhost${path}`, { signal: signal ?? null }),
  )
}

async function errorOf(path: string): Promise<unknown> {
  let thrown: unknown
  const routes = demonstrationRoutes(logger)
  routes.onError((error, c) => {
    thrown = error
    return c.body(null, 500)
  })
  assert.equal((await routes.request(path)).status, 500)
  return thrown
}
