import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { writeText } from './text.ts'

describe('text', () => {
  it('is UTF-8, short and long', () => {
    assert.deepEqual(encode(''), [])
    assertUtf8('GET', 'localhost', 'ten chars!', 'eleven char', 'größe', 'ü'.repeat(10), '🐘')
    assertUtf8('\u0000', '\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', 'x'.repeat(3000))
  })

  it('has U+FFFD for half a surrogate pair', () => {
    assert.deepEqual(encode('a\ud83db'), [97, 0xef, 0xbf, 0xbd, 98])
    assertUtf8('\ud83d', '\udc18', '\udc18\ud83d', `${'x'.repeat(50)}\ud83d`)
  })

  it('begins at the offset and leaves alone what is round it', () => {
    const buffer = Buffer.alloc(6, 1)

    assert.equal(writeText(buffer, 2, 'ü'), 4)
    assert.deepEqual([...buffer], [1, 1, 0xc3, 0xbc, 1, 1])
  })
})

function assertUtf8(...texts: string[]): void {
  for (const text of texts) assert.deepEqual(encode(text), [...new TextEncoder().encode(text)])
}

function encode(text: string): number[] {
  const buffer = Buffer.alloc(text.length * 3)
  return [...buffer.subarray(0, writeText(buffer, 0, text))]
}
