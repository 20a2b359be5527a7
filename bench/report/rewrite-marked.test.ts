import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { rewriteMarked } from './rewrite-marked.ts'

const document = 'before\n<!-- bench: a -->\nold\n<!-- /bench: a -->\nafter\n'

describe('rewriteMarked', () => {
  it('replaces what is between the marks, and nothing else', () => {
    assert.equal(
      rewriteMarked(document, 'a', 'new'),
      'before\n<!-- bench: a -->\nnew\n<!-- /bench: a -->\nafter\n',
    )
  })

  it('can do it again', () => {
    assert.equal(rewriteMarked(rewriteMarked(document, 'a', 'old'), 'a', 'old'), document)
  })

  it('complains of marks that are not there', () => {
    assert.throws(() => rewriteMarked(document, 'b', 'new'), /no <!-- bench: b -->/)
  })
})
