import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { LengthWidth } from './padded-varint.ts'
import { paddedVarint16, paddedVarint32, writePaddedVarint } from './padded-varint.ts'

describe('a padded varint', () => {
  it('has its width whatever its value', () => {
    assert.deepEqual(bytesOf(5, 1), [5])
    assert.deepEqual(bytesOf(5, 2), [0x85, 0])
    assert.deepEqual(bytesOf(5, 3), [0x85, 0x80, 0])
    assert.deepEqual(bytesOf(300, 2), [0xac, 2])
    assert.deepEqual(bytesOf(300, 4), [0xac, 0x82, 0x80, 0])
  })

  it('holds seven bits for each byte', () => {
    assert.deepEqual(bytesOf(127, 1), [0x7f])
    assert.deepEqual(bytesOf(16_383, 2), [0xff, 0x7f])
    assert.deepEqual(bytesOf(2_097_151, 3), [0xff, 0xff, 0x7f])
    assert.deepEqual(bytesOf(268_435_455, 4), [0xff, 0xff, 0xff, 0x7f])
  })

  it('is the same as a number', () => {
    const buffer = Buffer.alloc(4)
    for (const value of [0, 1, 5, 127, 128, 300, 16_383]) {
      buffer.writeUInt16LE(paddedVarint16(value))
      assert.deepEqual([...buffer.subarray(0, 2)], bytesOf(value, 2))
    }
    for (const value of [0, 127, 128, 16_384, 2_097_151, 2_097_152, 200_000_000, 268_435_455]) {
      buffer.writeInt32LE(paddedVarint32(value))
      assert.deepEqual([...buffer], bytesOf(value, 4))
    }
  })
})

function bytesOf(value: number, width: LengthWidth): number[] {
  const buffer = Buffer.alloc(6, 1)
  const end = writePaddedVarint(buffer, 1, value, width)
  assert.equal(end, 1 + width)
  assert.equal(buffer[end], 1)
  return [...buffer.subarray(1, end)]
}
