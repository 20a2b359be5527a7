import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { viewOf } from '../view-of.ts'
import { lengthOf, Part, partSlack, writeParts } from './part.ts'

describe('parts', () => {
  it('are copied one behind the other, whatever their lengths', () => {
    const texts = [0, 1, 7, 8, 9, 0, 16, 17, 300].map((length, index) =>
      String.fromCharCode(97 + index).repeat(length),
    )
    const parts = texts.map((text) => new Part(text))
    const target = Buffer.alloc(3 + lengthOf(parts) + partSlack, '.')

    const end = writeParts(target, viewOf(target), 3, parts)

    assert.equal(end, 3 + texts.join('').length)
    assert.equal(target.toString('latin1', 0, end), `...${texts.join('')}`)
  })

  it('write no more than the slack behind their end', () => {
    for (let length = 1; length < 20; length += 1) {
      const target = Buffer.alloc(length + partSlack + 4, '.')

      const end = writeParts(target, viewOf(target), 0, [new Part('x'.repeat(length))])

      assert.equal(target.toString('latin1', end + partSlack), '....')
    }
  })

  it('count as long as they say, not as the memory that they have', () => {
    const part = new Part('123456')
    part.length = 3

    assert.equal(lengthOf([part, part]), 6)
  })
})
