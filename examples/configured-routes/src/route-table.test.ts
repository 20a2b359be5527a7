import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { RouteTable } from './route-table.ts'

describe('RouteTable', () => {
  it('finds a path exactly, without a slash at its end', () => {
    const find = finderOf('/route1')

    assert.equal(find('/route1'), '/route1')
    assert.equal(find('/route1/'), undefined)
    assert.equal(find('/route1/x'), undefined)
    assert.equal(find('/route'), undefined)
    assert.equal(find('/Route1'), undefined)
  })

  it('takes a pattern that ends in a slash for a prefix, the longest first', () => {
    const find = finderOf('/a/', '/a/b/', '/a/b/exact')

    assert.equal(find('/a/'), '/a/')
    assert.equal(find('/a/x/y'), '/a/')
    assert.equal(find('/a/b/'), '/a/b/')
    assert.equal(find('/a/b/x'), '/a/b/')
    assert.equal(find('/a/b/exact'), '/a/b/exact')
    assert.equal(find('/ab'), undefined)
    assert.equal(finderOf('/', '/a/b/')('/a/b/x'), '/a/b/')
  })

  it('takes / for everything that nothing else answers', () => {
    const find = finderOf('/', '/a')

    assert.equal(find('/'), '/')
    assert.equal(find('/x/y'), '/')
    assert.equal(find('/a'), '/a')
    assert.equal(find('/a/'), '/')
  })

  it('sends from a path to the one with a slash where only that is there', () => {
    assert.equal(finderOf('/', '/sub/')('/sub'), '/sub/ -> /sub/')
    assert.equal(finderOf('/sub', '/sub/')('/sub'), '/sub')
  })

  it('sends from an unclean path to the clean one, if there is something', () => {
    const find = finderOf('/version', '/sub/')

    assert.equal(find('//version'), '/version -> /version')
    assert.equal(find('/a/../version'), '/version -> /version')
    assert.equal(find('/sub//x'), '/sub/ -> /sub/x')
    assert.equal(find('//sub'), '/sub/ -> /sub/')
    assert.equal(find('//other'), undefined)
  })

  it('takes every character for itself', () => {
    const find = finderOf('/users/:id', '/files/*', '/{x}/', '/a.c')

    assert.equal(find('/users/:id'), '/users/:id')
    assert.equal(find('/users/7'), undefined)
    assert.equal(find('/files/*'), '/files/*')
    assert.equal(find('/files/x'), undefined)
    assert.equal(find('/{x}/y'), '/{x}/')
    assert.equal(find('/abc'), undefined)
  })

  it('finds nothing in an empty table, nor what every object has', () => {
    assert.equal(finderOf()('/'), undefined)
    assert.equal(finderOf('/a')('/constructor'), undefined)
  })
})

function finderOf(...patterns: string[]): (path: string) => string | undefined {
  const table = new RouteTable(
    patterns.map((pattern) => ({ pattern, response: '', durationSeconds: 0 })),
  )
  return (path) => {
    const found = table.find(path)
    if (!found) return undefined
    const { route, redirectTo } = found
    return redirectTo === undefined ? route.pattern : `${route.pattern} -> ${redirectTo}`
  }
}
