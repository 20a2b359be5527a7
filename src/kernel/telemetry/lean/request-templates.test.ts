import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { GuardedRegistry } from '../guarded-registry.ts'
import { createRequestMetrics } from '../request-metrics.ts'
import { RequestTemplates } from './request-templates.ts'

describe('RequestTemplates', () => {
  it('makes one for each kind of request', () => {
    const templates = requestTemplates()

    const first = templates.of('http', 'GET', '/users/:id', 200)

    assert.equal(templates.of('http', 'GET', '/users/:id', 200), first)
    assert.notEqual(templates.of('https', 'GET', '/users/:id', 200), first)
    assert.notEqual(templates.of('http', 'PUT', '/users/:id', 200), first)
    assert.notEqual(templates.of('http', 'GET', '/users', 200), first)
    assert.notEqual(templates.of('http', 'GET', undefined, 200), first)
    assert.notEqual(templates.of('http', 'GET', '/users/:id', 404), first)
  })

  it('forgets them when routes come without end', () => {
    const templates = requestTemplates()
    const first = templates.of('http', 'GET', '/0', 200)
    for (let route = 1; route < 2000; route += 1) templates.of('http', 'GET', `/${route}`, 200)
    assert.equal(templates.of('http', 'GET', '/0', 200), first)

    templates.of('http', 'GET', '/2000', 200)

    assert.notEqual(templates.of('http', 'GET', '/0', 200), first)
  })
})

function requestTemplates(): RequestTemplates {
  return new RequestTemplates('test', createRequestMetrics(new GuardedRegistry(10)))
}
