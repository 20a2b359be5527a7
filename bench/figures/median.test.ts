import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { median } from './median.ts'

describe('median', () => {
  it('is the one in the middle, by value', () => {
    assert.equal(median([10, 9, 100]), 10)
  })

  it('lies between two', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5)
  })

  it('of nothing is not a number', () => {
    assert.equal(median([]), Number.NaN)
  })

  it('leaves what it was given as it was', () => {
    const values = [3, 1, 2]
    median(values)

    assert.deepEqual(values, [3, 1, 2])
  })
})
