import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isoTime } from './iso-time.ts'

describe('isoTime', () => {
  it('writes what toISOString does, whatever it was asked before', () => {
    const start = Date.UTC(2026, 11, 31, 23, 59, 58, 996)
    const millis = [0, 1, 3, 4, 1003, 1004, 1004, 12, 3600_000, 2, -1, -start].map(
      (since) => start + since,
    )

    assert.deepEqual(
      millis.map(isoTime),
      millis.map((each) => new Date(each).toISOString()),
    )
  })
})
