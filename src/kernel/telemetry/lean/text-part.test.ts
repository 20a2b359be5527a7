import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { viewOf } from '../view-of.ts'
import { partSlack, writeParts } from './part.ts'
import { TextPart } from './text-part.ts'

describe('TextPart', () => {
  it('holds the text that was set last, as UTF-8, of any length', () => {
    const part = new TextPart()
    const texts = [
      '/',
      '/users/1',
      '',
      '/größe/🐘',
      'ü'.repeat(200),
      '/a',
      'x'.repeat(16_000),
      '/a',
    ]

    for (const text of texts) {
      part.set(text)
      assert.equal(writtenBy(part), text)
      part.set(text)
      assert.equal(writtenBy(part), text)
    }
  })
})

function writtenBy(part: TextPart): string {
  const target = Buffer.alloc(part.length + partSlack)
  return target.toString('utf8', 0, writeParts(target, viewOf(target), 0, [part]))
}
