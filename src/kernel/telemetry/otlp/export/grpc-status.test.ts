import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { codeOfHttpStatus, codeOfReset, failureOf, grpcCode } from './grpc-status.ts'
import { retryInfo } from './testing/protobuf.ts'

describe('failureOf', () => {
  it('may be tried again with the codes that OTLP names', () => {
    const retryable = Array.from({ length: 16 }, (_, index) => index + 1).filter((number) => {
      const code = grpcCode(String(number))
      return code !== undefined && failureOf({ code, message: '' }).kind === 'retryable'
    })

    assert.deepEqual(retryable, [1, 4, 10, 11, 14, 15])
  })

  it('says code and message', () => {
    assert.deepEqual(failureOf({ code: 'UNAVAILABLE', message: 'gone' }), {
      kind: 'retryable',
      reason: '14 UNAVAILABLE: gone',
      afterMillis: undefined,
    })
  })

  it('passes on when to try again', () => {
    const details = retryInfo(7, 0)

    for (const code of ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const) {
      assert.partialDeepStrictEqual(failureOf({ code, message: '', details }), {
        kind: 'retryable',
        afterMillis: 7000,
      })
    }
    assert.equal(failureOf({ code: 'INTERNAL', message: '', details }).kind, 'refused')
  })
})

describe('grpcCode', () => {
  it('knows the codes by number, and nothing else', () => {
    assert.equal(grpcCode('0'), 'OK')
    assert.equal(grpcCode('16'), 'UNAUTHENTICATED')
    assert.equal(grpcCode('17'), undefined)
    assert.equal(grpcCode('fine'), undefined)
  })
})

describe('codeOfHttpStatus', () => {
  it('maps as gRPC does', () => {
    assert.deepEqual([400, 401, 403, 404, 429, 502, 503, 504, 500, 302].map(codeOfHttpStatus), [
      'INTERNAL',
      'UNAUTHENTICATED',
      'PERMISSION_DENIED',
      'UNIMPLEMENTED',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNKNOWN',
      'UNKNOWN',
    ])
  })
})

describe('codeOfReset', () => {
  it('maps as gRPC does', () => {
    assert.deepEqual([2, 7, 8, 11, 12].map(codeOfReset), [
      'INTERNAL',
      'UNAVAILABLE',
      'CANCELLED',
      'RESOURCE_EXHAUSTED',
      'PERMISSION_DENIED',
    ])
  })
})
