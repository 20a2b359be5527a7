import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { writeBytes, writePlain } from './bytes.ts'

describe('writeBytes and writePlain', () => {
  for (const length of [0, 1, 11, 12, 13, 14, 100, 5000]) {
    it(`write ${length} bytes and nothing beside them`, () => {
      const text = 'abcdefghij'.repeat(length).slice(0, length)
      for (const write of [
        (buffer: Buffer) => writeBytes(buffer, 2, Buffer.from(text)),
        (buffer: Buffer) => writePlain(buffer, 2, text),
      ]) {
        const buffer = Buffer.alloc(length + 4, '.')

        const end = write(buffer)

        assert.equal(end, length + 2)
        assert.equal(buffer.toString(), `..${text}..`)
      }
    })
  }
})
