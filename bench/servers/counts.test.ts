import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { netOf, perRequest } from './counts.ts'

describe('counts', () => {
  it('are taken without what a start and a stop leave, a request each', () => {
    const all = { spans: 21, logRecords: 47, lines: 48, observations: 21 }
    const idle = { spans: 1, logRecords: 7, lines: 8, observations: 1 }

    assert.deepEqual(perRequest(netOf(all, idle), 20), {
      spans: 1,
      logRecords: 2,
      lines: 2,
      observations: 1,
    })
  })
})
