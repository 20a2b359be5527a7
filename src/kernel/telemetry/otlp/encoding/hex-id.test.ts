import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { writeHexId } from './hex-id.ts'

describe('an id in hex', () => {
  it('becomes half as many bytes', () => {
    const buffer = Buffer.alloc(18, 1)

    assert.equal(writeHexId(buffer, 1, '0af7651916cd43dd8448eb211c80319c'), 17)
    assert.equal(buffer.toString('hex'), '010af7651916cd43dd8448eb211c80319c01')
  })

  it('is read in small letters and capitals', () => {
    const buffer = Buffer.alloc(8)

    writeHexId(buffer, 0, '0123456789abcdef')
    assert.equal(buffer.toString('hex'), '0123456789abcdef')
    writeHexId(buffer, 0, 'FEDCBA9876543210')
    assert.equal(buffer.toString('hex'), 'fedcba9876543210')
  })

  it('is nothing when it is empty', () => {
    assert.equal(writeHexId(Buffer.alloc(0), 0, ''), 0)
  })
})
