import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fieldsOf } from './protobuf-fields.ts'
import { bytesField, varintField } from './testing/protobuf.ts'

describe('fieldsOf', () => {
  it('reads numbers and bytes, and steps over fixed widths', () => {
    const fixed64 = Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8])
    const fixed32 = Buffer.from([0x15, 1, 2, 3, 4])
    const message = Buffer.concat([
      fixed64,
      fixed32,
      varintField(3, 2 ** 40 + 1),
      bytesField(1000, 'abc'),
    ])

    const fields = [...fieldsOf(message)]

    assert.deepEqual(
      fields.map(({ number }) => number),
      [1, 2, 3, 1000],
    )
    assert.equal(fields[2]?.value, 2 ** 40 + 1)
    assert.deepEqual(fields[3]?.value, Buffer.from('abc'))
  })

  it('refuses what is cut off or no protobuf', () => {
    for (const bytes of [[0x08], [0x08, 0x80], [0x0a, 5, 1], [0x0b, 1], [0x09, 1]]) {
      assert.throws(() => [...fieldsOf(Buffer.from(bytes))], RangeError)
    }
  })
})
