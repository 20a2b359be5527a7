import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { SharedOutage } from './shared-outage.ts'

describe('SharedOutage', () => {
  it('ends when the last that failed is well again, however often the others are', () => {
    const { told, parts } = sharedByTwo()
    const [first, second] = parts

    first.end()
    first.begin('full')
    second.end()
    second.begin('away')
    second.end()
    first.end()
    first.end()

    assert.deepEqual(told, ['begin full', 'begin away', 'end'])
  })

  it('can begin again', () => {
    const { told, parts } = sharedByTwo()

    parts[0].begin('full')
    parts[0].begin('full')
    parts[0].end()
    parts[1].begin('away')
    parts[1].end()

    assert.deepEqual(told, ['begin full', 'begin full', 'end', 'begin away', 'end'])
  })

  it('tells of every loss', () => {
    const { told, parts } = sharedByTwo()

    parts[0].lost(2)
    parts[1].lost(3)

    assert.deepEqual(told, ['lost 2', 'lost 3'])
  })
})

function sharedByTwo() {
  const told: string[] = []
  const shared = new SharedOutage({
    begin: (reason) => void told.push(`begin ${reason}`),
    lost: (count) => void told.push(`lost ${count}`),
    end: () => void told.push('end'),
  })
  return { told, parts: [shared.part(), shared.part()] as const }
}
