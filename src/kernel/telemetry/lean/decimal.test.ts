import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { writeMicrosAsMillis } from './decimal.ts'

describe('writeMicrosAsMillis', () => {
  const edges = [0, 1, 9, 10, 99, 100, 999, 1000, 1001, 1010, 1100, 9999, 10_000, 123_456, 1e6]
  for (const micros of [...edges, 3_600_000_001, 4_000_000_000_001]) {
    it(`writes ${micros} as JSON would`, () => {
      assert.equal(written(micros), JSON.stringify(micros / 1000))
    })
  }

  it('writes any number of microseconds as JSON would', () => {
    for (let index = 0; index < 20_000; index += 1) {
      const micros = Math.floor(Math.random() * 10 ** (index % 13))
      assert.equal(written(micros), JSON.stringify(micros / 1000))
    }
  })
})

function written(micros: number): string {
  const buffer = Buffer.alloc(40)
  return buffer.toString('latin1', 3, writeMicrosAsMillis(buffer, 3, micros))
}
