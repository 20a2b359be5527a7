import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { viewOf } from '../view-of.ts'
import { SpanIds } from './span-ids.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const bytes = Buffer.from(`ffff${traceId}${spanId}`, 'hex')
const ids = new SpanIds(viewOf(bytes), 2, traceId, false)

describe('SpanIds', () => {
  it('are text', () => {
    assert.equal(ids.traceId, traceId)
    assert.equal(ids.spanId, spanId)
  })

  it('are text with its leading zeros', () => {
    const few = new SpanIds(viewOf(Buffer.alloc(24, 1)), 0, traceId, false)

    assert.equal(few.spanId, '0101010101010101')
    assert.equal(new SpanIds(viewOf(Buffer.alloc(24)), 0, traceId, false).spanId, '0'.repeat(16))
  })

  it('are written as bytes, and nothing beside them', () => {
    const target = Buffer.alloc(30, 1)

    ids.writeBytes(viewOf(target), 1, 19)

    assert.equal(target.toString('hex'), `01${traceId}0101${spanId}010101`)
  })

  it('are written as digits, and nothing beside them', () => {
    const target = Buffer.alloc(54, '.')

    ids.writeDigits(viewOf(target), 1, 35)

    assert.equal(target.toString(), `.${traceId}..${spanId}...`)
  })

  it('have the digits of each byte', () => {
    const all = Buffer.from(Array.from({ length: 264 }, (_, byte) => byte & 0xff))
    const target = Buffer.alloc(48)
    for (let at = 0; at < 264 - 24; at += 8) {
      new SpanIds(viewOf(all), at, '', false).writeDigits(viewOf(target), 0, 32)
      assert.equal(target.toString(), all.toString('hex', at, at + 24))
    }
  })

  it('know whether a given id has other letters than those they write', () => {
    const given = (id: string) => new SpanIds(viewOf(bytes), 2, id, true)

    assert.ok(ids.hasSmallLetters)
    assert.ok(given(traceId).hasSmallLetters)
    assert.ok(!given(traceId.toUpperCase()).hasSmallLetters)
  })
})
