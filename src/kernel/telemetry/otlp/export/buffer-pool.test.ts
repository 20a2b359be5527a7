import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { BufferPool } from './buffer-pool.ts'
import { ByteBudget } from './byte-budget.ts'

describe('BufferPool', () => {
  it('uses the same buffers again, a few of them', () => {
    const pool = poolOf(100)
    const burst = [pool.take(), pool.take(), pool.take()]
    for (const buffer of burst) if (buffer) pool.giveBack(buffer)

    const next = [pool.take(), pool.take(), pool.take()]

    assert.deepEqual(
      next.map((buffer) => burst.includes(buffer)),
      [true, true, false],
    )
  })

  it('counts what is out, and refuses what the budget has no room for', () => {
    const pool = poolOf(25)
    const buffer = pool.take()
    pool.take()

    const refused = pool.take()
    const used = pool.budget.usedBytes
    if (buffer) pool.giveBack(buffer)

    assert.equal(refused, undefined)
    assert.equal(used, 20)
    assert.equal(pool.budget.usedBytes, 10)
  })

  it('makes a buffer of another size, and does not keep it', () => {
    const pool = poolOf(100)
    const large = pool.take(30)
    assert.equal(large?.length, 30)

    pool.giveBack(large)

    assert.equal(pool.budget.usedBytes, 0)
    assert.equal(pool.take()?.length, 10)
  })

  it('moves a few bytes to a buffer of their own', () => {
    const pool = poolOf(10)
    const buffer = pool.take()
    assert.ok(buffer)
    buffer.write('abcdef')

    const smaller = pool.shrink(buffer, 3)

    assert.equal(smaller.toString(), 'abc')
    assert.equal(pool.budget.usedBytes, 3)
    pool.giveBack(smaller)
    assert.equal(pool.take(), buffer)
  })
})

/** Buffers of ten bytes, two of which stay. */
function poolOf(limitBytes: number): BufferPool {
  return new BufferPool(new ByteBudget(limitBytes), { bufferBytes: 10, spares: 2 })
}
