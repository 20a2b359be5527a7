import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { deliveredShares, worstShare } from './delivered.ts'

const leaves = { spans: 1, logRecords: 2, lines: 2, observations: 1 }

describe('deliveredShares', () => {
  it('are 1 if each request left what it leaves', () => {
    const round = {
      loads: 1,
      asked: 1000,
      requests: 1040,
      counts: { spans: 1040, logRecords: 2080, lines: 2080, observations: 1040 },
    }

    assert.deepEqual(deliveredShares(round, leaves), {
      spans: 1,
      logRecords: 1,
      lines: 1,
      observations: 1,
    })
  })

  it('tell what was lost and what came twice', () => {
    const round = {
      loads: 1,
      asked: 1000,
      requests: 1000,
      counts: { spans: 750, logRecords: 2000, lines: 4000, observations: 1000 },
    }

    assert.deepEqual(deliveredShares(round, leaves), {
      spans: 0.75,
      logRecords: 1,
      lines: 2,
      observations: 1,
    })
  })

  it('allow for what is under way whenever the generator stops', () => {
    const counts = { spans: 1192, logRecords: 2384, lines: 2384, observations: 1192 }
    const round = { asked: 1000, requests: 1192, counts }

    assert.equal(deliveredShares({ ...round, loads: 3 }, leaves).observations, 1)
    assert.equal(deliveredShares({ ...round, loads: 2 }, leaves).observations, 1.192)
  })

  it('do not believe a server that counts fewer requests than were answered', () => {
    const round = {
      loads: 1,
      asked: 1000,
      requests: 500,
      counts: { spans: 500, logRecords: 1000, lines: 1000, observations: 500 },
    }

    assert.equal(deliveredShares(round, leaves).observations, 0.5)
  })
})

describe('worstShare', () => {
  it('is the one furthest from 1, on either side', () => {
    assert.equal(worstShare([1, 0.9, 1.2]), 1.2)
    assert.equal(worstShare([1, 1]), 1)
  })
})
