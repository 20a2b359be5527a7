import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { failureReason } from './failure-reason.ts'

describe('failureReason', () => {
  it('is the message of the error that caused all others', () => {
    const error = new Error('cancelled', {
      cause: new Error('closed', { cause: new Error('away') }),
    })

    assert.equal(failureReason(error), 'away')
  })

  it('is the code where there is no message', () => {
    const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })

    assert.equal(failureReason(error), 'ECONNREFUSED')
    assert.equal(failureReason(new AggregateError([])), 'AggregateError')
  })
})
