import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ByteBudget } from './byte-budget.ts'

describe('ByteBudget', () => {
  it('is never exceeded', () => {
    const budget = new ByteBudget(10)

    const answers = [budget.take(6), budget.take(5), budget.take(4), budget.take(1)]

    assert.deepEqual(answers, [true, false, true, false])
    assert.equal(budget.usedBytes, 10)
  })

  it('has room again when something was given back', () => {
    const budget = new ByteBudget(10)
    budget.take(10)

    budget.giveBack(3)

    assert.equal(budget.take(3), true)
  })

  it('is relaxed again when it is half empty', () => {
    const budget = new ByteBudget(10)
    budget.take(6)
    const before = budget.relaxed

    budget.giveBack(1)

    assert.equal(before, false)
    assert.equal(budget.relaxed, true)
  })
})
