import assert from 'node:assert/strict'
import { it } from 'node:test'

import { IdBlock } from './span-ids.ts'

it('a block of ids holds its own memory and nothing beside it', () => {
  // In Node's shared slab, as small buffers are.
  const given = Buffer.from('0123456789abcdef'.repeat(3), 'hex')

  const { bytes, hexBytes } = new IdBlock(given)

  assert.ok(given.buffer.byteLength > 1000)
  assert.equal(bytes.buffer.byteLength, 24 + 48)
  assert.equal(hexBytes.buffer, bytes.buffer)
  given.fill(0)
  assert.equal(Buffer.from(bytes).toString('hex'), '0123456789abcdef'.repeat(3))
  assert.equal(Buffer.from(hexBytes).toString('latin1'), '0123456789abcdef'.repeat(3))
})
