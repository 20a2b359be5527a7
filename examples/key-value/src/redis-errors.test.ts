import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readError, writeError } from './redis-errors.ts'
import { RedisFailure } from './redis-failure.ts'

describe('writeError', () => {
  it('says that nothing was written only if that is sure', () => {
    for (const failure of [
      new RedisFailure('away', 'x'),
      new RedisFailure('busy', 'x'),
      new RedisFailure('refused', 'OOM command not allowed'),
      new RedisFailure('refused', 'UNHEARD of'),
    ]) {
      assert.match(writeError(failure).message, /Nothing was written\.$/)
      assert.equal(writeError(failure).fault, 'unavailable')
    }
    for (const failure of [new RedisFailure('broke', 'x'), new RedisFailure('timeout', 'x')]) {
      assert.match(writeError(failure).message, /may or may not have happened\.$/)
      assert.equal(writeError(failure).code, 'outcome-unknown')
    }
  })

  it('tells refusals apart by their first word', () => {
    const codes = ['OOM x', 'READONLY x', 'NOREPLICAS x', 'MISCONF x', 'LOADING x', 'ERR x'].map(
      (message) => writeError(new RedisFailure('refused', message)).code,
    )

    assert.deepEqual(codes, [
      'store-full',
      'primary-read-only',
      'too-few-replicas',
      'primary-cannot-save',
      'primary-loading',
      'primary-refused',
    ])
  })

  it('tells the caller nothing of servers and their words', () => {
    const failure = new RedisFailure('refused', 'ERR secret detail of 10.0.0.1')

    assert.doesNotMatch(writeError(failure).message, /secret|10\.0/)
    assert.equal(writeError(failure).cause, failure)
  })
})

describe('readError', () => {
  it('is a conflict, a timeout, or unavailable', () => {
    const faults = [
      new RedisFailure('refused', 'WRONGTYPE x'),
      new RedisFailure('timeout', 'x'),
      new RedisFailure('away', 'x'),
    ].map((failure) => readError(failure).fault)

    assert.deepEqual(faults, ['conflict', 'timeout', 'unavailable'])
  })
})
