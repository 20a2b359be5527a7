import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ServiceError } from '../errors.ts'
import { problem, problemOf, problemResponse } from './problem.ts'

describe('problem', () => {
  it('has the title that belongs to its status', () => {
    assert.deepEqual(problem(404, 'unknown-key', 'No value is stored.'), {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'No value is stored.',
      code: 'unknown-key',
    })
  })

  it('holds further members', () => {
    const { errors } = problem(422, 'wrong-body', 'Two mistakes.', { errors: ['a', 'b'] })

    assert.deepEqual(errors, ['a', 'b'])
  })
})

describe('problemOf', () => {
  it('tells an expected failure as it is', () => {
    const error = new ServiceError('conflict', 'version-passed', 'Somebody was faster.', {
      extensions: { current: 7 },
    })

    assert.deepEqual(problemOf(error), {
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'Somebody was faster.',
      code: 'version-passed',
      current: 7,
    })
  })

  it('tells nothing of a bug but that it is one', () => {
    const told = JSON.stringify(problemOf(new TypeError('password is undefined')))

    assert.match(told, /"status":500,.*"code":"internal-error"/)
    assert.doesNotMatch(told, /password|TypeError/)
  })
})

describe('problemResponse', () => {
  it('writes the members in order, the trace before the extensions, and ends the line', async () => {
    const document = problem(422, 'wrong-body', 'One mistake.', { errors: ['a'] })

    const response = problemResponse(document, 'abc123')

    assert.equal(response.status, 422)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(
      await response.text(),
      '{"type":"about:blank","title":"Unprocessable Entity","status":422,' +
        '"detail":"One mistake.","code":"wrong-body","trace_id":"abc123","errors":["a"]}\n',
    )
  })

  it('leaves the trace out where there is none', async () => {
    const response = problemResponse(problem(404, 'not-found', 'Nothing.'), undefined)

    const members = (await response.json()) as object
    assert.deepEqual(Object.keys(members), ['type', 'title', 'status', 'detail', 'code'])
  })

  it('carries headers, but keeps its own content type', () => {
    const response = problemResponse(problem(503, 'away', 'Away.'), undefined, {
      'retry-after': '5',
      'content-type': 'text/html',
    })

    assert.equal(response.headers.get('retry-after'), '5')
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
  })
})
