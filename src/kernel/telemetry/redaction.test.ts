import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import {
  isSecretName,
  redactData,
  redacted,
  redactQuery,
  redactRecord,
  redactText,
  redactUrl,
} from './redaction.ts'

describe('isSecretName', () => {
  it('knows the usual names of secrets', () => {
    const names = [
      'authorization',
      'cookie',
      'password',
      'passphrase',
      'passwd',
      'secret',
      'token',
      'credentials',
      'apikey',
      'privatekey',
      'accesskey',
      'signature',
    ]

    assert.deepEqual(names.filter(isSecretName), names)
  })

  it('does not care for case, separators and what stands around', () => {
    const names = [
      'X-Api-Key',
      'api.key',
      'dbPassword',
      'REFRESH_TOKEN',
      'Proxy-Authorization',
      'set-cookie',
      'clientSecret',
      'AWS_ACCESS_KEY_ID',
      'X-Amz-Signature',
      'private key',
    ]

    assert.deepEqual(names.filter(isSecretName), names)
  })

  it('knows short names only as a whole', () => {
    const names = ['auth', 'JWT', 'otp', 'PIN', 'pwd', 'sig', 'session', 'session_id', 'Session-Id']

    assert.deepEqual(names.filter(isSecretName), names)
  })

  it('does not hit innocent names that contain a short one', () => {
    const names = ['design', 'author', 'pinned', 'spinner', 'signal', 'sessions', 'key', 'monkey']

    assert.deepEqual(names.filter(isSecretName), [])
  })
})

describe('redactRecord', () => {
  it('takes secrets out at any depth and leaves the rest', () => {
    const record = { user: { name: 'ada', login: { 'X-Api-Key': 'k', dbPassword: 'p' } } }

    const safe = redactRecord(record)

    assert.deepEqual(safe, {
      user: { name: 'ada', login: { 'X-Api-Key': redacted, dbPassword: redacted } },
    })
  })

  it('takes out whatever stands under a secret name, objects too', () => {
    const safe = redactRecord({
      token: { value: 'abc' },
      cookies: ['a=b'],
      secret: null,
      pin: 1234,
    })

    assert.deepEqual(safe, { token: redacted, cookies: redacted, secret: redacted, pin: redacted })
  })

  it('does not change the record itself', () => {
    const record = { login: { password: 'hunter2' } }

    redactRecord(record)

    assert.deepEqual(record, { login: { password: 'hunter2' } })
  })

  it('looks into arrays', () => {
    const safe = redactRecord({ users: [{ name: 'ada', token: 'abc' }, 'plain', [{ pwd: 'x' }]] })

    assert.deepEqual(safe, {
      users: [{ name: 'ada', token: redacted }, 'plain', [{ pwd: redacted }]],
    })
  })

  it('shows a Map as an object and looks into it', () => {
    const headers = new Map<unknown, unknown>([
      ['authorization', 'Bearer abc'],
      ['accept', '*/*'],
      [7, { token: 'abc' }],
    ])

    const safe = redactRecord({ headers })

    assert.deepEqual(safe, {
      headers: { authorization: redacted, accept: '*/*', 7: { token: redacted } },
    })
  })

  it('shows a Set as an array and looks into it', () => {
    const safe = redactRecord({ set: new Set([{ password: 'x' }, 1]) })

    assert.deepEqual(safe, { set: [{ password: redacted }, 1] })
  })

  it('gives an error the names that log readers expect', () => {
    const error = new TypeError('no such thing')

    const safe = redactRecord({ err: error })

    assert.deepEqual(safe, {
      err: { type: 'TypeError', message: 'no such thing', stack: error.stack },
    })
  })

  it("redacts an error's own properties", () => {
    const error = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      config: { headers: { Authorization: 'Bearer abc' }, url: '/x' },
    })

    const { err } = redactRecord({ err: error })

    assert.partialDeepStrictEqual(err, {
      code: 'ECONNREFUSED',
      config: { headers: { Authorization: redacted }, url: '/x' },
    })
  })

  it('follows the cause of an error', () => {
    const cause = Object.assign(new RangeError('deeper'), { password: 'hunter2' })

    const { err } = redactRecord({ err: new Error('outer', { cause }) })

    assert.partialDeepStrictEqual(err, {
      message: 'outer',
      cause: { type: 'RangeError', message: 'deeper', password: redacted },
    })
  })

  it('keeps a cause that is no error', () => {
    const { err } = redactRecord({ err: new Error('outer', { cause: { token: 'abc', step: 2 } }) })

    assert.partialDeepStrictEqual(err, { cause: { token: redacted, step: 2 } })
  })

  it('lists the errors of an AggregateError', () => {
    const first = Object.assign(new Error('one'), { secret: 's' })

    const { err } = redactRecord({ err: new AggregateError([first, new Error('two')], 'both') })

    assert.partialDeepStrictEqual(err, {
      type: 'AggregateError',
      message: 'both',
      errors: [{ message: 'one', secret: redacted }, { message: 'two' }],
    })
  })

  it('survives an error that is its own cause', () => {
    const error = new Error('snake')
    error.cause = error

    const { err } = redactRecord({ err: error })

    assert.partialDeepStrictEqual(err, { message: 'snake', cause: '[Circular]' })
  })

  it('shows a Date as JSON does', () => {
    const safe = redactRecord({ at: new Date(0), never: new Date(Number.NaN) })

    assert.deepEqual(safe, { at: '1970-01-01T00:00:00.000Z', never: null })
  })

  it('redacts a URL object as a URL', () => {
    const safe = redactRecord({ target: new URL('https://ada:pw@example.org/x?token=abc&q=1') })

    assert.deepEqual(safe, { target: `https://${redacted}@example.org/x?token=${redacted}&q=1` })
  })

  it('looks at what toJSON gives, not at what it hides', () => {
    const account = {
      hidden: 'x',
      toJSON: () => ({ name: 'ada', apiKey: 'abc' }),
    }

    const safe = redactRecord({ account })

    assert.deepEqual(safe, { account: { name: 'ada', apiKey: redacted } })
  })

  it('survives a toJSON that gives the object itself', () => {
    const strange = {
      toJSON(): object {
        return this
      },
    }

    assert.deepEqual(redactRecord({ strange }), { strange: '[Circular]' })
  })

  it('marks cycles', () => {
    const record: Record<string, unknown> = { name: 'loop', list: [] }
    record['self'] = record
    record['list'] = [record]

    const safe = redactRecord(record)

    assert.deepEqual(safe, { name: 'loop', self: '[Circular]', list: ['[Circular]'] })
  })

  it('shows an object twice that is mentioned twice', () => {
    const shared = { id: 1, token: 'abc' }

    const safe = redactRecord({ a: shared, b: shared })

    assert.deepEqual(safe, { a: { id: 1, token: redacted }, b: { id: 1, token: redacted } })
  })

  it('still redacts at the 32nd level', () => {
    const safe = redactRecord(nested(31, { password: 'hunter2' }))

    assert.match(JSON.stringify(safe), /"password":"\[REDACTED\]"/)
  })

  it('cuts off what is deeper than 32 levels', () => {
    const safe = JSON.stringify(redactRecord(nested(100, { password: 'hunter2' })))

    assert.match(safe, /"next":"\[Too deep\]"/)
    assert.equal(safe.match(/"next"/g)?.length, 33)
    assert.doesNotMatch(safe, /hunter2/)
  })

  it('survives a getter that throws', () => {
    const broken = {
      get value() {
        throw new Error('not now')
      },
    }

    assert.deepEqual(redactRecord({ broken, other: 1 }), { broken: '[Unreadable]', other: 1 })
  })

  it('survives a getter of the record itself that throws', () => {
    const record = {
      get value() {
        throw new Error('not now')
      },
    }

    assert.deepEqual(redactRecord(record), { record: '[Unreadable]' })
  })

  it('survives a toJSON that throws', () => {
    const broken = {
      toJSON() {
        throw new Error('not now')
      },
    }

    assert.deepEqual(redactRecord({ broken }), { broken: '[Unreadable]' })
  })

  it('keeps a key called __proto__ a key', () => {
    const record = JSON.parse('{"__proto__":{"password":"x","admin":true}}') as object

    const safe = redactRecord(record)

    assert.equal(JSON.stringify(safe), `{"__proto__":{"password":"${redacted}","admin":true}}`)
    assert.equal(Object.getPrototypeOf(safe), Object.prototype)
    assert.equal('admin' in safe, false)
  })

  it('gives the size of binary data instead of its content', () => {
    const safe = redactRecord({
      buffer: Buffer.from('secret'),
      array: new Float64Array(2),
      view: new DataView(new ArrayBuffer(3)),
    })

    assert.deepEqual(safe, { buffer: '[6 bytes]', array: '[16 bytes]', view: '[3 bytes]' })
  })

  it('leaves plain values as they are', () => {
    const record = { text: 'password', number: 1.5, yes: true, none: null, missing: undefined }

    assert.deepEqual(redactRecord(record), record)
  })

  it('turns what JSON and OTLP do not know into plain data', () => {
    const safe = redactRecord({ big: 2n ** 64n, list: [1n], mark: Symbol('m'), work: () => {} })

    assert.deepEqual(safe, {
      big: '18446744073709551616',
      list: ['1'],
      mark: undefined,
      work: undefined,
    })
  })
})

describe('redactData', () => {
  it('copies a value of any kind without its secrets', () => {
    assert.deepEqual(redactData([{ token: 'abc' }, 1]), [{ token: redacted }, 1])
    assert.equal(redactData('/?token=abc'), `/?token=${redacted}`)
    assert.equal(redactData(undefined), undefined)
  })

  it('takes the value after a secret name in a row of pairs', () => {
    assert.deepEqual(redactData({ rawHeaders: ['Accept', '*/*', 'Authorization', 'Bearer abc'] }), {
      rawHeaders: ['Accept', '*/*', 'Authorization', redacted],
    })
  })

  it('stops where the same objects are referred to without end', () => {
    let value: object = { leaf: true }
    for (let level = 0; level < 30; level += 1) value = { left: value, right: value }

    const started = performance.now()
    const copy = JSON.stringify(redactData(value))

    assert.ok(performance.now() - started < 500)
    assert.match(copy, /Too large/)
    assert.ok(copy.length < 1_000_000)
  })
})

describe('redactText', () => {
  it('takes credentials out of URLs and header lines', () => {
    assert.equal(
      redactText('redis://user:abc@host/0 is away'),
      `redis://${redacted}@host/0 is away`,
    )
    assert.equal(
      redactText('GET / HTTP/1.1\r\nauthorization: Bearer abc\r\nHost: x'),
      `GET / HTTP/1.1\r\nauthorization: ${redacted}\r\nHost: x`,
    )
  })

  it('takes the values of secret names out of the queries in a text', () => {
    assert.equal(
      redactText('GET https://a.test/x?Token=abc&b=1 failed, then /y?b=2&api%5Fkey=xyz#end'),
      `GET https://a.test/x?Token=${redacted}&b=1 failed, then /y?b=2&api%5Fkey=${redacted}#end`,
    )
  })

  it('leaves other text as it is', () => {
    assert.equal(
      redactText('a = b, token=abc outside of a query?'),
      'a = b, token=abc outside of a query?',
    )
    assert.equal(redactText('x?colour=teal&'), 'x?colour=teal&')
  })
})

describe('redactQuery', () => {
  it('takes the values of secret names out and keeps the rest as it was', () => {
    assert.equal(
      redactQuery('q=caf%C3%A9+au+lait&access_token=abc&page=2'),
      `q=caf%C3%A9+au+lait&access_token=${redacted}&page=2`,
    )
  })

  it('reads names that are percent-encoded', () => {
    assert.equal(
      redactQuery('%74oken=abc&pass%77ord=x'),
      `%74oken=${redacted}&pass%77ord=${redacted}`,
    )
  })

  it('reads a plus in a name as a space', () => {
    assert.equal(redactQuery('api+key=abc'), `api+key=${redacted}`)
  })

  it('survives names that are encoded wrongly', () => {
    assert.equal(redactQuery('%zz=1&token%=abc'), `%zz=1&token%=${redacted}`)
  })

  it('redacts an empty value too', () => {
    assert.equal(redactQuery('token=&q='), `token=${redacted}&q=`)
  })

  it('redacts each of repeated names', () => {
    assert.equal(redactQuery('sig=1&sig=2&a=3'), `sig=${redacted}&sig=${redacted}&a=3`)
  })

  it('takes the whole value out, also where it holds equals signs', () => {
    assert.equal(redactQuery('token=YWJj==&a=b=c'), `token=${redacted}&a=b=c`)
  })

  it('leaves names without a value', () => {
    assert.equal(redactQuery('token&verbose'), 'token&verbose')
    assert.equal(redactQuery('token&a=1'), 'token&a=1')
  })

  it('sees secret names in brackets', () => {
    assert.equal(
      redactQuery('user[password]=x&user[name]=ada'),
      `user[password]=${redacted}&user[name]=ada`,
    )
  })

  it('leaves the empty query', () => {
    assert.equal(redactQuery(''), '')
  })
})

describe('redactUrl', () => {
  it('redacts the query', () => {
    assert.equal(
      redactUrl('https://example.org/x?q=1&token=abc'),
      `https://example.org/x?q=1&token=${redacted}`,
    )
  })

  it('takes user and password out', () => {
    assert.equal(redactUrl('amqp://ada:pw@queue:5672/x'), `amqp://${redacted}@queue:5672/x`)
  })

  it('takes the whole of a password out that holds an at sign', () => {
    assert.equal(redactUrl('https://ada:p@w@example.org/'), `https://${redacted}@example.org/`)
  })

  it('leaves an at sign in path and query', () => {
    const url = 'https://example.org/@ada?mail=a@b.c'

    assert.equal(redactUrl(url), url)
  })

  it('keeps the fragment, and takes no question mark in it for a query', () => {
    assert.equal(
      redactUrl('https://example.org/x?token=abc#part?token=1'),
      `https://example.org/x?token=${redacted}#part?token=1`,
    )
    assert.equal(redactUrl('https://example.org/x#a?b=1'), 'https://example.org/x#a?b=1')
  })

  it('redacts a relative URL', () => {
    assert.equal(redactUrl('/x?token=abc'), `/x?token=${redacted}`)
  })

  it('leaves a URL without anything to hide', () => {
    assert.equal(redactUrl('https://example.org/x?'), 'https://example.org/x?')
    assert.equal(redactUrl('not a url'), 'not a url')
  })
})

/** `depth` objects around the innermost. */
function nested(depth: number, innermost: object): object {
  let object = innermost
  for (let level = 0; level < depth; level += 1) object = { next: object }
  return object
}
