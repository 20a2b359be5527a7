import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { viewOf } from '../view-of.ts'
import { RandomIds } from './random-ids.ts'

const parentTrace = '0AF7651916CD43DD8448EB211C80319C'

describe('RandomIds', () => {
  it('makes ids of the lengths that W3C Trace Context has', () => {
    const { traceId, spanId } = new RandomIds().root()

    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.match(spanId, /^[0-9a-f]{16}$/)
  })

  it('leaves the id of a trace that exists as its caller wrote it', () => {
    const { traceId, spanId } = new RandomIds().within(parentTrace)

    assert.equal(traceId, parentTrace)
    assert.match(spanId, /^[0-9a-f]{16}$/)
  })

  it('says as text what it writes', () => {
    const ids = new RandomIds()
    for (let index = 0; index < 2000; index += 1) {
      const made = index % 7 === 0 ? ids.within(parentTrace.toLowerCase()) : ids.root()
      const target = Buffer.alloc(48)

      made.writeDigits(viewOf(target), 0, 32)

      assert.equal(target.toString(), `${made.traceId}${made.spanId}`)
    }
  })

  it('makes none twice, over many refills of its pool', () => {
    const ids = new RandomIds()
    const made = new Set<string>()
    for (let index = 0; index < 20_000; index += 1) {
      const root = ids.root()
      made.add(root.traceId)
      made.add(root.spanId)
      made.add(ids.within(parentTrace).spanId)
    }

    assert.equal(made.size, 60_000)
    assert.ok([...made].every((id) => /^[0-9a-f]+$/.test(id)))
  })

  it('is not the same in two', () => {
    assert.notEqual(new RandomIds().root().traceId, new RandomIds().root().traceId)
  })
})
