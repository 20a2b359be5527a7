import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Backoff } from './backoff.ts'

describe('Backoff', () => {
  it('grows by a half up to five seconds, and begins anew when told', (t) => {
    t.mock.method(Math, 'random', () => 0.5)
    const backoff = new Backoff()

    const waits = Array.from({ length: 8 }, () => Math.round(backoff.next()))
    backoff.reset()

    assert.deepEqual(waits, [500, 750, 1125, 1688, 2531, 3797, 5000, 5000])
    assert.equal(backoff.next(), 500)
  })

  it('differs by a fifth at most', (t) => {
    t.mock.method(Math, 'random', () => 0)
    const shortest = new Backoff().next()
    t.mock.method(Math, 'random', () => 1)
    const longest = new Backoff().next()

    assert.deepEqual([shortest, longest].map(Math.round), [400, 600])
  })
})
