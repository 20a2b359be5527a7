import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { kindBy, mix } from './mix.ts'

describe('kindBy', () => {
  it('chooses every kind, as often as its weight says', () => {
    for (const badSpell of [false, true]) {
      const chosen = Map.groupBy(
        Array.from({ length: 10_000 }, (_, index) => kindBy(index / 10_000, badSpell)),
        ({ name }) => name,
      )
      const weights = mix.map(({ weight, weightInBadSpell }) =>
        badSpell ? weightInBadSpell : weight,
      )
      const sum = weights.reduce((total, weight) => total + weight, 0)

      for (const [index, { name }] of mix.entries()) {
        const expected = ((weights[index] ?? 0) / sum) * 10_000
        assert.ok(Math.abs((chosen.get(name)?.length ?? 0) - expected) <= 1, name)
      }
    }
  })
})

describe('mix', () => {
  it('keeps the objectives in good times, and breaks both in the bad spell', () => {
    const shareOf = (names: string[], weight: 'weight' | 'weightInBadSpell') =>
      mix.filter(({ name }) => names.includes(name)).reduce((sum, kind) => sum + kind[weight], 0) /
      mix.reduce((sum, kind) => sum + kind[weight], 0)

    assert.ok(shareOf(['unavailable', 'bug'], 'weight') < 0.001)
    assert.ok(shareOf(['slow', 'given up'], 'weight') < 0.01)
    assert.ok(shareOf(['unavailable', 'bug'], 'weightInBadSpell') > 0.05)
    assert.ok(shareOf(['slow', 'given up'], 'weightInBadSpell') > 0.1)
  })
})
