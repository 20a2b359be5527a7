import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { escapeControlsInJson } from '../control-characters.ts'
import { redactText } from '../redaction.ts'
import { isPlainText } from './plain-text.ts'

describe('isPlainText', () => {
  it('is true for ordinary paths', () => {
    for (const path of ['/', '/users/7', "/a-b_c.d~e/%20+x,y;z@(1)*!$&'", '/a|b/{c}/[d]']) {
      assert.equal(isPlainText(path), true, path)
    }
  })

  it('is false for whatever JSON escapes or redaction may change', () => {
    for (const path of [
      '/a"b',
      '/a\\b',
      '/a b',
      '/a\n',
      '/\u007f',
      '/é',
      '/\ud800',
      '/a:b',
      '/a=b',
    ]) {
      assert.equal(isPlainText(path), false, JSON.stringify(path))
    }
  })

  it('promises that each single character stays as it is', () => {
    for (let code = 0; code < 0x1_0000; code += 1) {
      const text = String.fromCharCode(code)
      if (!isPlainText(text)) continue
      assert.equal(escapeControlsInJson(JSON.stringify(text)), `"${text}"`)
      assert.equal(Buffer.byteLength(text), 1)
    }
  })

  it('promises that redaction changes nothing', () => {
    const parts = ['token', '?', '&', '/', '@', '//', 'Bearer', 'authorization', '%3D', ';', 'x']
    for (let index = 0; index < 20_000; index += 1) {
      const text = Array.from(
        { length: 8 },
        () => parts[Math.floor(Math.random() * parts.length)],
      ).join('')
      if (isPlainText(text)) assert.equal(redactText(text), text)
    }
  })
})
