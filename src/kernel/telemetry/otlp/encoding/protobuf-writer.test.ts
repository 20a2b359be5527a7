import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ProtobufWriter } from './protobuf-writer.ts'

const varintTag = (1 << 3) | 0
const fixed64Tag = (1 << 3) | 1
const bytesTag = (1 << 3) | 2
const fixed32Tag = (1 << 3) | 5

describe('ProtobufWriter', () => {
  it('writes whole numbers of 64 bits', () => {
    assert.equal(varint(0), '00')
    assert.equal(varint(127), '7f')
    assert.equal(varint(128), '8001')
    assert.equal(varint(2 ** 31), '8080808008')
    assert.equal(varint(2 ** 32 - 1), 'ffffffff0f')
    assert.equal(varint(2 ** 32), '8080808010')
    assert.equal(varint(Number.MAX_SAFE_INTEGER), 'ffffffffffffff0f')
    assert.equal(varint(2 ** 63), '80808080808080808001')
  })

  it('writes negative numbers as two’s complement', () => {
    assert.equal(varint(-1), 'ffffffffffffffffff01')
    assert.equal(varint(-128), '80ffffffffffffffff01')
    assert.equal(varint(-(2 ** 32)), '80808080f0ffffffff01')
    assert.equal(varint(-(2 ** 63)), '80808080808080808001')
  })

  it('writes a field above 15 with a tag of two bytes', () => {
    assert.equal(
      written((writer) => writer.writeFixed32((16 << 3) | 5, 0x0102)),
      '850102010000',
    )
  })

  it('writes numbers of fixed width, the lowest byte first', () => {
    assert.equal(
      written((writer) => writer.writeFixed32(fixed32Tag, 2 ** 32 - 1)),
      '0dffffffff',
    )
    assert.equal(
      written((writer) => writer.writeDouble(fixed64Tag, 1)),
      '09000000000000f03f',
    )
    assert.equal(
      written((writer) => writer.writeDouble(fixed64Tag, -0)),
      '090000000000000080',
    )
    assert.equal(
      written((writer) => writer.writeTime(fixed64Tag, [1, 2])),
      '0902ca9a3b00000000',
    )
  })

  it('writes text with the length of its bytes, whatever is assumed of it', () => {
    for (const length of [0, 1, 10, 11, 42, 43, 127, 128, 1023, 1024, 16_383, 16_384]) {
      for (const character of ['x', 'ü', '€', '\ud83d']) {
        const text = character.repeat(length)
        assert.equal(
          written((writer) => writer.writeString(bytesTag, text)),
          expected(Buffer.from(text)),
        )
      }
    }
  })

  it('writes bytes and ids', () => {
    const bytes = Buffer.alloc(200, 3)

    assert.equal(
      written((writer) => writer.writeBytes(bytesTag, bytes)),
      expected(bytes),
    )
    assert.equal(
      written((writer) => writer.writeId(bytesTag, '0aff')),
      '0a020aff',
    )
    assert.equal(
      written((writer) => writer.writeEncoded(Buffer.of(1, 2))),
      '0102',
    )
  })

  it('writes messages in messages, however long', () => {
    for (const size of [0, 100, 123, 124, 125, 126, 127, 128, 16_380, 16_384, 2_097_152]) {
      const inner = Buffer.alloc(size, 9)
      const message = written((writer) => {
        const outerStart = writer.begin(bytesTag)
        const innerStart = writer.begin(bytesTag)
        writer.writeEncoded(inner)
        writer.end(innerStart)
        writer.writeVarint(varintTag, 1)
        writer.end(outerStart)
      })

      const content = Buffer.from(`${expected(inner)}0801`, 'hex')
      assert.equal(message, expected(content))
    }
  })

  it('starts again in the same buffer', () => {
    const writer = new ProtobufWriter(4)
    writer.writeString(bytesTag, 'x'.repeat(100))
    writer.reset()
    const first = writer.bytes
    writer.writeVarint(varintTag, 1)

    assert.equal(first.length, 0)
    assert.equal(writer.bytes.toString('hex'), '0801')
    assert.equal(writer.bytes.buffer, first.buffer)
  })

  it('takes back what failed half-way', () => {
    const writer = new ProtobufWriter()
    writer.writeVarint(varintTag, 1)
    const { position } = writer
    writer.begin(bytesTag)
    writer.writeString(bytesTag, 'half')

    writer.reset(position)

    assert.equal(writer.bytes.toString('hex'), '0801')
  })

  it('lets go of the room that one huge record took', () => {
    const writer = new ProtobufWriter(64)
    writer.writeBytes(10, Buffer.alloc(3 * 1024 * 1024))

    writer.reset()

    assert.equal(writer.heldBytes, 64)
    writer.writeString(10, 'abc')
    assert.deepEqual([...writer.bytes], [10, 3, 97, 98, 99])
  })
})

function varint(value: number): string {
  return written((writer) => writer.writeVarint(varintTag, value)).slice(2)
}

/** From the smallest buffer on, so that growing is always part of it. */
function written(write: (writer: ProtobufWriter) => void): string {
  const writer = new ProtobufWriter(1)
  write(writer)
  return writer.bytes.toString('hex')
}

function expected(content: Buffer): string {
  const length: number[] = []
  let rest = content.length
  for (; rest > 0x7f; rest >>= 7) length.push((rest & 0x7f) | 0x80)
  return `0a${Buffer.from([...length, rest]).toString('hex')}${content.toString('hex')}`
}
