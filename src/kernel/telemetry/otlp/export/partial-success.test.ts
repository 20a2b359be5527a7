import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { exportMethod } from '../../../../../test/support/otlp/export-method.ts'
import { deliveredBy } from './partial-success.ts'

describe('deliveredBy', () => {
  it('reads what was rejected, of either signal', () => {
    const spans = exportMethod('traces').responseSerialize({
      partialSuccess: { rejectedSpans: 300, errorMessage: 'too öld' },
    })
    const logs = exportMethod('logs').responseSerialize({
      partialSuccess: { rejectedLogRecords: 2, errorMessage: 'too long' },
    })

    assert.deepEqual(deliveredBy(spans), { kind: 'delivered', rejected: 300, reason: 'too öld' })
    assert.deepEqual(deliveredBy(logs), { kind: 'delivered', rejected: 2, reason: 'too long' })
  })

  it('takes an empty answer, or one that makes no sense, for a full success', () => {
    const full = { kind: 'delivered', rejected: 0, reason: '' }

    assert.deepEqual(deliveredBy(Buffer.alloc(0)), full)
    assert.deepEqual(deliveredBy(Buffer.from('{"partialSuccess":{}}')), full)
  })
})
