import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { pairedRatios } from './paired-ratios.ts'

describe('pairedRatios', () => {
  it('compares each round with the same round of the other', () => {
    const values = new Map([
      [1, 50],
      [2, 40],
    ])
    const references = new Map([
      [2, 80],
      [1, 200],
    ])

    assert.deepEqual(pairedRatios(values, references), [0.25, 0.5])
  })

  it('leaves a round out that one of them lacks', () => {
    const values = new Map([
      [1, 50],
      [3, 10],
    ])

    assert.deepEqual(pairedRatios(values, new Map([[1, 100]])), [0.5])
  })
})
