import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { RateLimit } from './rate-limit.ts'

describe('RateLimit', () => {
  it('lets its limit through in each window', (t) => {
    stopTheClock(t)
    const limit = new RateLimit(2, 60)

    const answers = [limit.admit(), limit.admit(), limit.admit(), limit.admit()]

    assert.deepEqual(answers, [0, 0, undefined, undefined])
  })

  it('says with the first of the next window how many it held back', (t) => {
    const clock = stopTheClock(t)
    const limit = new RateLimit(1, 60)
    limit.admit()
    limit.admit()
    limit.admit()

    clock.advance(60_000)

    assert.equal(limit.admit(), 2)
    assert.equal(limit.admit(), undefined)
  })

  it('says it only once', (t) => {
    const clock = stopTheClock(t)
    const limit = new RateLimit(2, 60)
    limit.admit()
    limit.admit()
    limit.admit()

    clock.advance(60_000)

    assert.deepEqual([limit.admit(), limit.admit()], [1, 0])
  })

  it('does not open before its window is over', (t) => {
    const clock = stopTheClock(t)
    const limit = new RateLimit(1, 60)
    limit.admit()

    clock.advance(59_999)

    assert.equal(limit.admit(), undefined)
  })
})

function stopTheClock(t: TestContext) {
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  return { advance: (millis: number) => void (now += millis) }
}
