import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { errorType, ServiceError, StartError, statusOfFault, toError } from './errors.ts'

describe('statusOfFault', () => {
  it('gives every fault its HTTP status', () => {
    assert.deepEqual(statusOfFault, {
      invalid: 400,
      unauthenticated: 401,
      forbidden: 403,
      'not-found': 404,
      'method-not-allowed': 405,
      conflict: 409,
      'too-large': 413,
      unsupported: 415,
      unprocessable: 422,
      'too-many-requests': 429,
      unavailable: 503,
      timeout: 504,
    })
  })
})

describe('ServiceError', () => {
  it('carries fault, code, detail, headers, extensions and cause', () => {
    const cause = new Error('connection refused')

    const error = new ServiceError('unavailable', 'store-away', 'The store is away.', {
      cause,
      headers: { 'retry-after': '5' },
      extensions: { store: 'primary' },
    })

    assert.equal(error.name, 'ServiceError')
    assert.equal(error.fault, 'unavailable')
    assert.equal(error.code, 'store-away')
    assert.equal(error.message, 'The store is away.')
    assert.deepEqual(error.headers, { 'retry-after': '5' })
    assert.deepEqual(error.extensions, { store: 'primary' })
    assert.equal(error.cause, cause)
  })

  it('has no headers and no extensions unless given', () => {
    const error = new ServiceError('invalid', 'bad-name', 'That is no name.')

    assert.deepEqual(error.headers, {})
    assert.deepEqual(error.extensions, {})
    assert.ok(!('cause' in error))
  })
})

describe('StartError', () => {
  it('is an error of its own name', () => {
    const error = new StartError('Cannot start: the port is taken.')

    assert.ok(error instanceof Error)
    assert.equal(error.name, 'StartError')
    assert.equal(error.message, 'Cannot start: the port is taken.')
  })
})

describe('toError', () => {
  it('hands an error back as it is', () => {
    const thrown = new TypeError('no')

    assert.equal(toError(thrown), thrown)
  })

  it('says what was thrown instead of an error, and where it was found', () => {
    const error = toError('text')

    assert.equal(error.name, 'NonError')
    assert.match(error.message, /Thrown, although it is no Error: 'text'/)
    assert.ok(error.stack)
  })

  it('takes what cannot be made a text, too', () => {
    assert.equal(toError(Object.create(null)).name, 'NonError')
  })

  it('takes undefined, too', () => {
    assert.match(toError(undefined).message, /undefined/)
  })
})

describe('errorType', () => {
  it('is the name of the error', () => {
    assert.equal(errorType(new TypeError('no')), 'TypeError')
    assert.equal(errorType(toError(7)), 'NonError')
  })

  it('is the class where nobody set a name', () => {
    class QuotaExceeded extends Error {}

    assert.equal(errorType(new QuotaExceeded('no')), 'QuotaExceeded')
  })

  it('is Error for a plain one', () => {
    assert.equal(errorType(new Error('no')), 'Error')
  })
})
