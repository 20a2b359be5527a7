import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { writeAnyValue, writeAttributes } from './any-value.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

const tag = (1 << 3) | 2

describe('writeAnyValue', () => {
  it('says of which kind the value is, zero or not', () => {
    assert.equal(encoded('a'), '0a03 0a0161')
    assert.equal(encoded(''), '0a02 0a00')
    assert.equal(encoded(false), '0a02 1000')
    assert.equal(encoded(0), '0a02 1800')
    assert.equal(encoded(0.5), '0a09 21000000000000e03f')
    assert.equal(encoded([]), '0a02 2a00')
    assert.equal(encoded({}), '0a02 3200')
    assert.equal(encoded(Buffer.of(1)), '0a03 3a0101')
  })

  it('is empty for what is nothing', () => {
    assert.equal(encoded(null), '0a00 ')
    assert.equal(encoded(undefined), '0a00 ')
  })

  it('throws at a circle, and the writer can go on from where it was', () => {
    const circle: unknown[] = []
    circle.push(circle)
    const writer = new ProtobufWriter()

    assert.throws(() => writeAnyValue(writer, tag, circle), RangeError)
    writer.reset()
    writeAnyValue(writer, tag, true)
    assert.equal(writer.bytes.toString('hex'), '0a021001')
  })
})

describe('writeAttributes', () => {
  it('writes one pair for each of the object’s own keys', () => {
    const writer = new ProtobufWriter()

    writeAttributes(writer, tag, Object.assign(Object.create({ inherited: 1 }), { a: 1, b: true }))

    assert.equal(
      writer.bytes.toString('hex'),
      ['0a070a016112021801', '0a070a016212021001'].join(''),
    )
  })
})

/** Tag and length, then the content. */
function encoded(value: unknown): string {
  const writer = new ProtobufWriter()
  writeAnyValue(writer, tag, value)
  const hex = writer.bytes.toString('hex')
  return `${hex.slice(0, 4)} ${hex.slice(4)}`
}
