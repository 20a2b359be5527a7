import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { escapeControls, escapeControlsInJson } from './control-characters.ts'

describe('escapeControls', () => {
  it('makes line breaks, escape sequences and C1 controls visible', () => {
    const text = 'a\nb\rc\u001b[2Jd\u0085e\u009bf\u2028g\u2029h\u007fi\u0000'

    const visible = escapeControls(text)

    assert.equal(
      visible,
      String.raw`a\u000ab\u000dc\u001b[2Jd\u0085e\u009bf\u2028g\u2029h\u007fi\u0000`,
    )
  })

  it('leaves letters, emoji and the no-break space alone', () => {
    assert.equal(escapeControls('Grüße, \u00a0日本 🙂 ~'), 'Grüße, \u00a0日本 🙂 ~')
  })
})

describe('escapeControlsInJson', () => {
  it('escapes what JSON leaves raw, and the text it stands for stays the same', () => {
    const text = 'a\u007fb\u0085c\u009bd\u2028e\u2029f\ng\\\u2028'

    const line = escapeControlsInJson(JSON.stringify(text))

    assert.match(line, /^[ -~]+$/)
    assert.equal(JSON.parse(line), text)
  })

  it('escapes DEL where all else is ASCII, and C1 controls where all else is one byte', () => {
    assert.equal(escapeControlsInJson('a\u007fb'), String.raw`a\u007fb`)
    assert.equal(escapeControlsInJson('ü\u0085b'), String.raw`ü\u0085b`)
  })

  it('keeps the line break that ends a line', () => {
    assert.equal(escapeControlsInJson('{"a":1}\n'), '{"a":1}\n')
  })
})
