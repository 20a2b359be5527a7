import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { markdownTable, share, whole, withSpread } from './format.ts'

describe('figures in tables', () => {
  it('are grouped in threes', () => {
    assert.equal(whole(1_234_567.4), '1 234 567')
    assert.equal(whole(999), '999')
  })

  it('show their spread', () => {
    assert.equal(
      withSpread({ median: 0.81, least: 0.79, most: 0.834, rounds: 3 }),
      '0.81 (0.79 to 0.83)',
    )
  })

  it('never round a loss away', () => {
    assert.equal(share(1), '1.000')
    assert.equal(share(0.999_999), '0.999…')
    assert.equal(share(0.69), '0.690')
  })

  it('are a dash where there are none', () => {
    assert.equal(whole(Number.NaN), '–')
    assert.equal(share(undefined), '–')
    assert.equal(withSpread({ median: Number.NaN, least: 1, most: 1, rounds: 0 }), '–')
  })
})

describe('markdownTable', () => {
  it('aligns all but the first column to the right', () => {
    assert.equal(
      markdownTable(['what', 'how many'], [['spans', '1']]),
      '| what | how many |\n|---|--:|\n| spans | 1 |',
    )
  })
})
