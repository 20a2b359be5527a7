import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { FullSpeedRound, Turn } from '../measures/full-speed.ts'
import { turnByTurn } from './turn-by-turn.ts'

describe('turnByTurn', () => {
  it('pairs each turn with its neighbour and takes the median of each round', () => {
    const ours = [roundOf(1, [50, 10, 30]), roundOf(2, [8])]
    const bare = [roundOf(1, [100, 40, 50]), roundOf(2, [10])]

    assert.deepEqual(turnByTurn([ours, bare], ratio), [0.5, 0.8])
  })

  it('takes no turn that was void for one of them', () => {
    const ours = [roundOf(1, [50, 10, 30], [0])]
    const bare = [roundOf(1, [100, 40, 50], [1])]

    assert.deepEqual(turnByTurn([ours, bare], ratio), [0.6])
  })

  it('leaves out rounds that are wholly void, or that one of them lacks', () => {
    const ours = [roundOf(1, [50], [0]), roundOf(2, [10]), roundOf(3, [1])]
    const bare = [roundOf(1, [100]), roundOf(3, [2])]

    assert.deepEqual(turnByTurn([ours, bare], ratio), [0.5])
  })

  it('takes one variant as well as three', () => {
    const rounds = [roundOf(1, [3, 1, 2])]

    assert.deepEqual(
      turnByTurn([rounds], ({ perSecond }) => perSecond),
      [2],
    )
    assert.deepEqual(
      turnByTurn([rounds, rounds, rounds], (a, b, c) => a.perSecond + b.perSecond + c.perSecond),
      [6],
    )
  })
})

function ratio(own: Turn, other: Turn): number {
  return own.perSecond / other.perSecond
}

function roundOf(round: number, speeds: number[], voids: number[] = []): FullSpeedRound {
  const turns = speeds.map((perSecond, index) => ({ perSecond, isVoid: voids.includes(index) }))
  return { round, turns } as FullSpeedRound
}
