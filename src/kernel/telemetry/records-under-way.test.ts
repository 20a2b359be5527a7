import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { RecordsUnderWay } from './records-under-way.ts'

describe('RecordsUnderWay', () => {
  it('knows who was added and not removed, in whatever order', () => {
    const records = new RecordsUnderWay<{ indexUnderWay: number; name: number }>()
    const expected = new Map<number, { indexUnderWay: number; name: number }>()
    for (let name = 0; name < 5000; name += 1) {
      const added = { indexUnderWay: 0, name }
      records.add(added)
      expected.set(name, added)
      const victims = [...expected.values()].filter(() => Math.random() < 0.01)
      for (const victim of victims.slice(0, 2)) {
        records.delete(victim)
        expected.delete(victim.name)
      }
      assert.equal(records.size, expected.size)
    }

    for (let name = 0; name < 5000; name += 1) {
      assert.equal(
        records.some((record) => record.name === name),
        expected.has(name),
      )
    }
    for (const record of expected.values()) records.delete(record)
    assert.equal(records.size, 0)
  })
})
