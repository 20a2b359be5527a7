import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { resourceBytes, schemaUrlBytes, scopeBytes } from './envelope.ts'

describe('the envelope', () => {
  it('has a resource with its attributes', () => {
    assert.equal(hexOf(resourceBytes({ a: 1 })), '0a090a070a016112021801')
    assert.equal(hexOf(resourceBytes({})), '0a00')
  })

  it('has a scope, with its version where there is one', () => {
    assert.equal(hexOf(scopeBytes({ name: 'a' })), '0a030a0161')
    assert.equal(hexOf(scopeBytes({ name: 'a', version: '1' })), '0a060a0161120131')
  })

  it('has a schema URL only where there is one', () => {
    assert.equal(hexOf(schemaUrlBytes('u')), '1a0175')
    assert.equal(hexOf(schemaUrlBytes(undefined)), '')
  })
})

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex')
}
