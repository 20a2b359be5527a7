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

  it('in shares, leaves each something when the other has taken what it may', () => {
    const budget = new ByteBudget(8)
    const [first, second] = [budget.share(0.75), budget.share(0.75)]

    const answers = [first.take(6), first.take(1), second.take(2), second.take(1)]
    first.giveBack(1)
    answers.push(second.take(1), first.take(1))

    assert.deepEqual(answers, [true, false, true, false, true, false])
    assert.deepEqual([budget.usedBytes, first.usedBytes, second.usedBytes], [8, 5, 3])
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
