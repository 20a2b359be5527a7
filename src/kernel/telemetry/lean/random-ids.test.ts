import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { RandomIds } from './random-ids.ts'

describe('RandomIds', () => {
  it('makes ids of the lengths that W3C Trace Context has', () => {
    const ids = new RandomIds()

    const { traceId, spanId } = ids.rootSpan()
    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.match(spanId, /^[0-9a-f]{16}$/)
    assert.match(ids.spanId(), /^[0-9a-f]{16}$/)
  })

  it('makes none twice, over many refills of its pool', () => {
    const ids = new RandomIds()
    const made = new Set<string>()
    for (let index = 0; index < 20_000; index += 1) {
      made.add(ids.rootSpan().traceId)
      made.add(ids.spanId())
    }

    assert.equal(made.size, 40_000)
    assert.ok([...made].every((id) => /^[0-9a-f]+$/.test(id)))
  })

  it('is not the same in two', () => {
    assert.notEqual(new RandomIds().spanId(), new RandomIds().spanId())
  })
})
