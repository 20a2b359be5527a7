import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { retryDelayMillis } from './retry-delay.ts'
import { bytesField, retryInfo } from './testing/protobuf.ts'

describe('retryDelayMillis', () => {
  it('finds the delay among the details', () => {
    assert.equal(retryDelayMillis(retryInfo(3, 250_000_000)), 3250)
    assert.equal(retryDelayMillis(retryInfo(0, 0)), 0)
  })

  it('is undefined for details of another kind, for none, and for what makes no sense', () => {
    const other = bytesField(3, bytesField(1, 'type.googleapis.com/google.rpc.DebugInfo'))

    assert.equal(retryDelayMillis(other.toString('base64')), undefined)
    assert.equal(retryDelayMillis(''), undefined)
    assert.equal(retryDelayMillis('////'), undefined)
  })
})
