import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'

import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'

import { ServiceError } from '../errors.ts'
import type { Fault } from '../errors.ts'
import type { RequestRecord } from '../telemetry/request-recorder.ts'
import { createApp } from './app.ts'
import type { KernelEnv, Routes } from './routes.ts'

describe('createApp', () => {
  describe('errors', () => {
    it('answers a ServiceError as a problem, its members in order', async () => {
      const { response } = await asked(
        new Hono().get('/', () => {
          throw new ServiceError('not-found', 'unknown-key', 'No value is stored.')
        }),
      )

      assert.equal(response.status, 404)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      assert.equal(
        await response.text(),
        '{"type":"about:blank","title":"Not Found","status":404,' +
          '"detail":"No value is stored.","code":"unknown-key","trace_id":"abc123"}\n',
      )
    })

    it('answers each fault with its status', async () => {
      assert.deepEqual(
        {
          invalid: await statusOfThrown('invalid'),
          unauthenticated: await statusOfThrown('unauthenticated'),
          forbidden: await statusOfThrown('forbidden'),
          'not-found': await statusOfThrown('not-found'),
          'method-not-allowed': await statusOfThrown('method-not-allowed'),
          conflict: await statusOfThrown('conflict'),
          'too-large': await statusOfThrown('too-large'),
          unsupported: await statusOfThrown('unsupported'),
          unprocessable: await statusOfThrown('unprocessable'),
          'too-many-requests': await statusOfThrown('too-many-requests'),
          unavailable: await statusOfThrown('unavailable'),
          timeout: await statusOfThrown('timeout'),
        },
        {
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
        },
      )
    })

    it("sends a ServiceError's headers and extensions along, and tells the record", async () => {
      const error = new ServiceError('unavailable', 'store-away', 'The store is away.', {
        headers: { 'retry-after': '5' },
        extensions: { store: 'primary' },
      })

      const { response, record } = await asked(
        new Hono().get('/', async () => {
          throw error
        }),
      )

      assert.equal(response.headers.get('retry-after'), '5')
      assert.partialDeepStrictEqual(await response.json(), { code: 'store-away', store: 'primary' })
      assert.deepEqual(record.failures, [error])
    })

    it('answers a bug with 500 and without internals', async () => {
      const bug = new TypeError('password is undefined')

      const { response, record } = await asked(
        new Hono().get('/', () => {
          throw bug
        }),
      )

      const text = await response.text()
      assert.equal(response.status, 500)
      assert.partialDeepStrictEqual(JSON.parse(text), {
        title: 'Internal Server Error',
        code: 'internal-error',
        trace_id: 'abc123',
      })
      assert.doesNotMatch(text, /password|TypeError|app\.test/)
      assert.deepEqual(record.failures, [bug])
    })

    it('answers a bug in a middleware, too', async () => {
      const { response } = await asked(
        new Hono()
          .use(async (_c, next) => {
            await next()
            throw new Error('afterwards')
          })
          .get('/', (c) => c.text('fine')),
      )

      assert.equal(response.status, 500)
    })

    it('answers thrown text like any bug', async () => {
      const { response, record } = await asked(
        new Hono().get('/', () => {
          throw 'text'
        }),
      )

      assert.equal(response.status, 500)
      assert.partialDeepStrictEqual(await response.json(), { code: 'internal-error' })
      assert.match(record.failures[0]?.message ?? '', /text/)
    })

    it('answers a rejection with no error in it like any bug', async () => {
      const { response, record } = await asked(new Hono().get('/', () => Promise.reject(undefined)))

      assert.equal(response.status, 500)
      assert.match(record.failures[0]?.message ?? '', /undefined/)
    })

    it('answers thrown text behind a middleware, too', async () => {
      const { response } = await asked(
        new Hono().use(async (_c, next) => next()).get('/', () => Promise.reject('text')),
      )

      assert.equal(response.status, 500)
    })

    it('leaves an error to a service that answers it itself', async () => {
      const routes = new Hono()
        .get('/', () => {
          throw new Error('mine')
        })
        .onError((error, c) => c.text(`own answer to ${error.message}`, 418))

      const { response } = await asked(routes)

      assert.equal(response.status, 418)
      assert.equal(await response.text(), 'own answer to mine')
    })
  })

  describe("errors of Hono's own middleware", () => {
    it('turns an HTTPException into a problem of the same status', async () => {
      const { response, record } = await asked(
        new Hono().get('/', () => {
          throw new HTTPException(418, { message: 'Coffee it is not.' })
        }),
      )

      assert.equal(response.status, 418)
      assert.deepEqual(await response.json(), {
        type: 'about:blank',
        title: "I'm a Teapot",
        status: 418,
        detail: 'Coffee it is not.',
        code: 'http-418',
        trace_id: 'abc123',
      })
      assert.deepEqual(record.failures, [])
    })

    it('tells the record of one that is the fault of the server', async () => {
      const exception = new HTTPException(502, { message: 'Nothing behind here answers.' })

      const { response, record } = await asked(
        new Hono().get('/', () => {
          throw exception
        }),
      )

      assert.equal(response.status, 502)
      assert.deepEqual(record.failures, [exception])
    })

    it('keeps the challenge of basicAuth', async () => {
      const { response } = await asked(
        new Hono()
          .use(basicAuth({ username: 'ada', password: 'secret' }))
          .get('/', (c) => c.text('come in')),
      )

      assert.equal(response.status, 401)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm=/)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      assert.partialDeepStrictEqual(await response.json(), {
        title: 'Unauthorized',
        detail: 'The request was refused.',
        code: 'http-401',
      })
    })

    it('drops the length of the answer that the problem replaces', async () => {
      const res = new Response('no', { headers: { 'content-length': '2', 'x-reason': 'quota' } })

      const { response } = await asked(
        new Hono().get('/', () => {
          throw new HTTPException(429, { res })
        }),
      )

      assert.equal(response.headers.get('content-length'), null)
      assert.equal(response.headers.get('x-reason'), 'quota')
      assert.partialDeepStrictEqual(await response.json(), { code: 'http-429' })
    })

    it('answers what bodyLimit refuses', async () => {
      const { response } = await asked(
        new Hono()
          .use(bodyLimit({ maxSize: 3 }))
          .post('/', async (c) => c.text(await c.req.text())),
        new Request('http://service/', {
          method: 'POST',
          body: 'four',
          headers: { 'content-length': '4' },
        }),
      )

      assert.equal(response.status, 413)
      assert.equal(response.headers.get('content-length'), null)
      assert.partialDeepStrictEqual(await response.json(), { status: 413, code: 'http-413' })
    })
  })

  describe('what no route answers', () => {
    it('is 404 for a path that nothing is at', async () => {
      const { response } = await asked(keys(), get('/absent'))

      assert.equal(response.status, 404)
      assert.deepEqual(await response.json(), {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'There is nothing at /absent.',
        code: 'not-found',
        trace_id: 'abc123',
      })
    })

    it('is 404 in a service without any route', async () => {
      assert.equal((await asked(new Hono())).response.status, 404)
    })

    it('is 405 with Allow for a path that answers other methods; GET implies HEAD', async () => {
      const { response } = await asked(keys(), withMethod('DELETE', '/keys/a'))

      assert.equal(response.status, 405)
      assert.equal(response.headers.get('allow'), 'GET, HEAD, PUT')
      assert.partialDeepStrictEqual(await response.json(), {
        title: 'Method Not Allowed',
        detail: '/keys/a does not answer DELETE.',
        code: 'method-not-allowed',
        trace_id: 'abc123',
      })
    })

    it('is 405 for HEAD where only POST is answered', async () => {
      const { response } = await asked(keys(), withMethod('HEAD', '/keys'))

      assert.equal(response.status, 405)
      assert.equal(response.headers.get('allow'), 'POST')
    })

    it('is 404 where a handler says so itself, although other methods are answered', async () => {
      const routes = new Hono().get('/keys/:key', (c) => c.notFound()).put((c) => c.text('stored'))

      const { response } = await asked(routes, get('/keys/a'))

      assert.equal(response.status, 404)
      assert.equal(response.headers.get('allow'), null)
    })

    it('is 404 where a handler for POST says so, although GET is answered', async () => {
      const routes = new Hono().get('/keys', (c) => c.text('all')).post((c) => c.notFound())

      const { response } = await asked(routes, withMethod('POST', '/keys'))

      assert.equal(response.status, 404)
    })

    it('is 404 where a middleware says so', async () => {
      const routes = new Hono()
        .use('/hidden/*', async (c) => c.notFound())
        .get('/hidden/page', (c) => c.text('secret'))

      const { response } = await asked(routes, withMethod('POST', '/hidden/page'))

      assert.equal(response.status, 404)
    })

    it('is no 405 because of a middleware that matches every path', async () => {
      const routes = new Hono().use(async (_c, next) => next()).get('/keys', (c) => c.text('all'))

      assert.equal((await asked(routes, get('/absent'))).response.status, 404)
      assert.equal((await asked(routes, withMethod('POST', '/keys'))).response.status, 405)
    })

    it('is no 405 because of a middleware for the very method that was asked', async () => {
      const routes = new Hono().get('*', async (_c, next) => next())

      assert.equal((await asked(routes, get('/absent'))).response.status, 404)
    })

    it('is no 405 where app.all answers every method', async () => {
      const routes = new Hono().all('/echo', (c) => c.text(c.req.method))

      const { response } = await asked(routes, withMethod('DELETE', '/echo'))

      assert.equal(await response.text(), 'DELETE')
    })

    it('is 404 where app.all passes on and nobody else is there', async () => {
      const routes = new Hono().all('/echo', (_c, next) => next())

      assert.equal((await asked(routes, get('/echo'))).response.status, 404)
    })
  })

  describe('ways to put a service together', () => {
    it('knows the routes of a sub-app, and their methods', async () => {
      const routes = new Hono().route('/api/v1', keys())

      const found = await asked(routes, get('/api/v1/keys/a'))
      const refused = await asked(routes, withMethod('DELETE', '/api/v1/keys/a'))

      assert.equal(await found.response.text(), 'value of a')
      assert.equal(found.record.route, '/api/v1/keys/:key')
      assert.equal(refused.response.headers.get('allow'), 'GET, HEAD, PUT')
    })

    it('knows routes below a base path', async () => {
      const routes = new Hono().basePath('/api').get('/keys/:key', (c) => c.text('value'))

      const { response, record } = await asked(routes, get('/api/keys/a'))

      assert.equal(response.status, 200)
      assert.equal(record.route, '/api/keys/:key')
      assert.equal((await asked(routes, get('/keys/a'))).response.status, 404)
    })

    it('takes a slash at the end for the same path in an app that is not strict', async () => {
      const routes = new Hono({ strict: false }).get('/keys', (c) => c.text('all'))

      assert.equal((await asked(routes, get('/keys/'))).response.status, 200)
      assert.equal((await asked(routes, withMethod('POST', '/keys/'))).response.status, 405)
    })

    it('takes it for another path in one that is', async () => {
      const routes = new Hono().get('/keys', (c) => c.text('all'))

      assert.equal((await asked(routes, get('/keys/'))).response.status, 404)
    })

    it('hands middleware, variables and bindings through', async () => {
      const routes = new Hono<{ Variables: { user: string }; Bindings: { incoming: object } }>()
        .use(async (c, next) => {
          c.set('user', 'ada')
          await next()
          c.header('x-seen', 'yes')
        })
        .get('/', (c) => c.json({ user: c.get('user'), hasIncoming: 'headers' in c.env.incoming }))

      const { response } = await asked(routes)

      assert.equal(response.headers.get('x-seen'), 'yes')
      assert.deepEqual(await response.json(), { user: 'ada', hasIncoming: true })
    })
  })

  describe('HEAD', () => {
    it('has the status, headers and length of GET and no body', async () => {
      const { response, record } = await asked(keys(), withMethod('HEAD', '/keys/a'))

      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
      assert.equal(response.headers.get('content-length'), '10')
      assert.equal(await response.text(), '')
      assert.equal(record.route, '/keys/:key')
    })

    it('has the status and length of the problem that GET would be', async () => {
      const routes = new Hono().get('/', () => {
        throw new ServiceError('conflict', 'no', 'No.')
      })
      const problem = await (await asked(routes)).response.text()

      const { response } = await asked(routes, withMethod('HEAD', '/'))

      assert.equal(response.status, 409)
      assert.equal(response.headers.get('content-length'), String(problem.length))
    })

    it('cancels an endless stream', async () => {
      const cancelled = Promise.withResolvers<void>()
      const routes = new Hono().get('/events', (c) =>
        c.body(new ReadableStream({ cancel: () => cancelled.resolve() })),
      )

      const { response } = await asked(routes, withMethod('HEAD', '/events'))

      assert.equal(response.status, 200)
      await cancelled.promise
    })

    it('is 500 where the body fails at once', async () => {
      const routes = new Hono().get('/', (c) =>
        c.body(new ReadableStream({ start: (controller) => controller.error(new Error('gone')) })),
      )

      const { response, record } = await asked(routes, withMethod('HEAD', '/'))

      assert.equal(response.status, 500)
      assert.match(record.failures[0]?.message ?? '', /gone/)
    })
  })

  describe('the pattern that answered', () => {
    it('is the one of two that did', async () => {
      const routes = new Hono()
        .get('/users/me', (c) => c.text('me'))
        .get('/users/:id', (c) => c.text('one'))

      assert.equal((await asked(routes, get('/users/me'))).record.route, '/users/me')
      assert.equal((await asked(routes, get('/users/7'))).record.route, '/users/:id')
    })

    it('is not the middleware that passes on', async () => {
      const routes = new Hono().use(async (_c, next) => next()).route('/', keys())

      assert.equal((await asked(routes, get('/keys/a'))).record.route, '/keys/:key')
      assert.equal((await asked(routes, get('/absent'))).record.route, undefined)
    })

    it('is the middleware that answers itself', async () => {
      const routes = new Hono()
        .use('/admin/*', async (c) => c.text('no', 403))
        .get('/admin/users', (c) => c.text('all'))

      assert.equal((await asked(routes, get('/admin/users'))).record.route, '/admin/*')
    })

    it('is the handler that failed', async () => {
      const routes = new Hono().get('/users/:id', () => {
        throw new Error('bug')
      })

      assert.equal((await asked(routes, get('/users/7'))).record.route, '/users/:id')
    })

    it('is the outer handler where it asks the service itself', async () => {
      const routes = new Hono()
      routes.get('/inner/:id', (c) => c.text(`inner ${c.req.param('id')}`))
      routes.get('/outer', async (c) => c.text(await (await routes.request('/inner/7')).text()))

      const { response, record } = await asked(routes, get('/outer'))

      assert.equal(await response.text(), 'inner 7')
      assert.equal(record.route, '/outer')
    })

    it('is unknown where no route matches', async () => {
      assert.equal((await asked(keys(), get('/absent'))).record.route, undefined)
    })
  })

  it('takes the word of a handler that finds its routes by itself', async () => {
    const prefixes = ['/files/', '/pages/']
    const routes = new Hono<KernelEnv>().all('*', (c) => {
      const prefix = prefixes.find((candidate) => c.req.path.startsWith(candidate))
      c.env.record?.setRoute(prefix)
      return prefix === undefined ? c.notFound() : c.text(prefix)
    })

    const found = await asked(routes, get('/files/a/b'))
    const absent = await asked(routes, withMethod('POST', '/absent'))

    assert.deepEqual([found.response.status, found.record.route], [200, '/files/'])
    assert.deepEqual([absent.response.status, absent.record.route], [404, undefined])
  })

  it('works without a record, and then gives no trace', async () => {
    const fetch = createApp(keys(), { maxBodyBytes: 100 })

    const response = await fetch(get('/absent'), bindingsFor(get('/absent')))

    assert.equal(response.status, 404)
    assert.ok(!('trace_id' in ((await response.json()) as object)))
  })

  it('refuses a body that is declared too long, and tells the record', async () => {
    const request = new Request('http://service/keys', {
      method: 'POST',
      body: 'x'.repeat(101),
      headers: { 'content-length': '101' },
    })

    const { response, record } = await asked(keys(), request)

    assert.equal(response.status, 413)
    assert.partialDeepStrictEqual(await response.json(), {
      code: 'body-too-large',
      trace_id: 'abc123',
    })
    assert.equal(record.failures.length, 1)
  })
})

function keys(): Hono {
  return new Hono()
    .get('/keys/:key', (c) => c.text(`value of ${c.req.param('key')}`))
    .put((c) => c.text('stored'))
    .post('/keys', (c) => c.text('added'))
}

async function statusOfThrown(fault: Fault): Promise<number> {
  const routes = new Hono().get('/', () => {
    throw new ServiceError(fault, 'some-code', 'Some detail.')
  })
  return (await asked(routes)).response.status
}

async function asked(routes: Routes, request = get('/')) {
  const record = new MemoryRecord()
  const fetch = createApp(routes, { maxBodyBytes: 100 })
  return { response: await fetch(request, { ...bindingsFor(request), record }), record }
}

function get(path: string): Request {
  return withMethod('GET', path)
}

function withMethod(method: string, path: string): Request {
  return new Request(`http://service${path}`, { method })
}

function bindingsFor({ headers }: Request) {
  return {
    incoming: { headers: Object.fromEntries(headers) } as IncomingMessage,
    outgoing: {} as ServerResponse,
  }
}

/** Remembers what it is told, and nothing else. */
class MemoryRecord implements RequestRecord {
  readonly traceId = 'abc123'
  readonly failures: Error[] = []
  route: string | undefined

  run<result>(work: () => result): result {
    return work()
  }

  setRoute(pattern: string | undefined): void {
    this.route = pattern
  }

  fail(error: Error): void {
    this.failures.push(error)
  }
}
