import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { configuredRoutes } from './configured-routes.ts'
import { RouteTable } from './route-table.ts'
import type { Route } from './route-table.ts'

describe('configuredRoutes', () => {
  it('answers with the pattern, not with the path', async () => {
    const ask = routesOf({ pattern: '/sub/', response: 'below' })

    const response = await ask('/sub/x/y')

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(await response.text(), 'Hello, You are at /sub/, Got: below')
  })

  it('finds what comes encoded', async () => {
    const ask = routesOf({ pattern: '/caf\u00e9 {x}?', response: '' })

    const response = await ask('/caf%C3%A9%20%7Bx%7D%3F')

    assert.equal(await response.text(), 'Hello, You are at /caf\u00e9 {x}?, Got: ')
  })

  it('takes what is no encoding for itself', async () => {
    const ask = routesOf({ pattern: '/100%', response: 'all' })

    assert.equal((await ask('/100%')).status, 200)
    assert.equal((await ask('/100%25')).status, 200)
    assert.equal((await ask('/%ff')).status, 404)
  })

  it('sends to the path with a slash, with the query, and to no other host', async () => {
    const ask = routesOf({ pattern: '/a b/', response: '' }, { pattern: '/', response: '' })

    const response = await ask('/a%20b?q=1&r=%2F')
    assert.equal(response.status, 301)
    assert.equal(response.headers.get('location'), '/a%20b/?q=1&r=%2F')
    const elsewhere = await ask('//evil.example/%2e%2e/x')
    assert.equal(elsewhere.headers.get('location'), '/x')
  })

  it('takes the time that it is told to', async () => {
    const ask = routesOf({ pattern: '/slow', durationSeconds: 0.2 })
    const begun = performance.now()

    assert.equal((await ask('/slow')).status, 200)

    assert.ok(performance.now() - begun >= 190)
  })

  it('ends early when the caller leaves', async () => {
    const ask = routesOf({ pattern: '/slow', durationSeconds: 30 })
    const leaving = new AbortController()
    const begun = performance.now()
    setTimeout(() => leaving.abort(), 50)

    assert.equal((await ask('/slow', leaving.signal)).status, 200)

    assert.ok(performance.now() - begun < 10_000)
  })

  it('answers from the table of the moment', async () => {
    let table = new RouteTable([])
    const ask = asker(configuredRoutes(() => table))

    assert.equal((await ask('/a')).status, 404)
    table = tableOf({ pattern: '/a' })
    assert.equal((await ask('/a')).status, 200)
    table = new RouteTable([])
    assert.equal((await ask('/a')).status, 404)
  })
})

function routesOf(...routes: Partial<Route>[]) {
  const table = tableOf(...routes)
  return asker(configuredRoutes(() => table))
}

/** Asks as the kernel does, but with nothing that records. */
function asker(routes: ReturnType<typeof configuredRoutes>) {
  return async (path: string, signal: AbortSignal | null = null): Promise<Response> => {
    const request = new Request(`http://localhost${path}`, { signal })
    return routes.fetch(request, {})
  }
}

function tableOf(...routes: Partial<Route>[]): RouteTable {
  return new RouteTable(
    routes.map((route) => ({ pattern: '/', response: '', durationSeconds: 0, ...route })),
  )
}
