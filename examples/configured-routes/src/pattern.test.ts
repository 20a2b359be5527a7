import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { patternMistake } from './pattern.ts'

describe('patternMistake', () => {
  it('finds nothing wrong with paths, whatever characters are in them', () => {
    for (const pattern of ['/', '/a', '/a/', '/a/b.html', '/:id', '/*', '/{x}', '/é ü', '/a?b#c']) {
      assert.equal(patternMistake(pattern), undefined, pattern)
    }
  })

  it('says what to write instead', () => {
    assert.equal(patternMistake(''), 'a path is empty; write one such as /route1')
    assert.equal(patternMistake('route1'), 'a path begins with a slash; write "/route1"')
    assert.equal(patternMistake('/a//b/../c'), 'no request can have this path; write "/a/c"')
  })

  it('keeps the paths of the service itself, and only those', () => {
    for (const pattern of ['/connect_db', '/livez', '/readyz', '/startupz', '/metrics']) {
      const mistake = 'the service itself answers this path; choose another one'
      assert.equal(patternMistake(pattern), mistake)
      assert.equal(patternMistake(`${pattern}/`), undefined)
    }
  })
})
