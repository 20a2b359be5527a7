import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { spreadOf } from './spread.ts'

describe('spreadOf', () => {
  it('has the median between the extremes', () => {
    assert.deepEqual(spreadOf([0.7, 0.9, 0.75]), { median: 0.75, least: 0.7, most: 0.9, rounds: 3 })
  })

  it('of no round has no figure', () => {
    assert.deepEqual(spreadOf([]), {
      median: Number.NaN,
      least: Number.NaN,
      most: Number.NaN,
      rounds: 0,
    })
  })
})
