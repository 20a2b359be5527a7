import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { Hono } from 'hono'

import { StartError } from '../errors.ts'
import { GuardedRegistry } from '../telemetry/guarded-registry.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createApp } from './app.ts'
import { Refusals } from './refusals.ts'
import type { RefusalReason } from './refusals.ts'
import { listen } from './server.ts'
import type { ServerOptions } from './server.ts'

describe('listen', { concurrency: true }, () => {
  describe('requests', { concurrency: true }, () => {
    it('are answered on the port that it tells', async () => {
      await using server = await startedServer()

      const response = await fetch(`http://127.0.0.1:${server.port}/`)

      assert.equal(response.status, 200)
      assert.equal(await response.text(), 'hello')
    })

    it('may come one after the other on a connection', async () => {
      await using server = await startedServer()
      const client = await server.connected()

      client.write(request('GET /'))
      await client.received(/hello$/)
      client.write(request('GET /'))

      await client.received(/hello[^]+hello$/)
      assert.match(client.answer, /\r\nConnection: keep-alive\r\n/)
    })

    it('leave nothing in memory while their connection waits for the next one', async () => {
      let answer: WeakRef<object> | undefined
      const app = createApp(
        new Hono().get('/', (c) => c.text('hello')),
        { maxBodyBytes: 1 },
      )
      await using server = await startedServer({
        fetch(asked, bindings) {
          answer = new WeakRef(bindings.outgoing)
          return app(asked, bindings)
        },
      })
      const client = await server.connected()
      client.write(request('GET /'))
      await client.received(/hello$/)

      // What a WeakRef was made of lives until the turn is over; Node lets go some turns later.
      for (let turn = 0; turn < 20 && answer?.deref(); turn += 1) {
        await sleep(5)
        collectGarbage()
      }

      assert.ok(answer)
      assert.equal(answer.deref(), undefined)
      client.write(request('GET /'))
      await client.received(/hello[^]+hello$/)
    })

    it('may expect 100-continue', async () => {
      await using server = await startedServer()
      const client = await server.connected()

      client.write(request('POST /echo', 'Expect: 100-continue', 'Content-Length: 3'))
      await client.received(/^HTTP\/1.1 100 Continue\r\n\r\n/)
      client.write('abc')

      await client.received(/HTTP\/1.1 200 OK[^]+abc$/)
    })

    it('of HTTP/1.0 may leave Host out', async () => {
      await using server = await startedServer()

      const answer = await server.send('GET / HTTP/1.0\r\n\r\n')

      assert.match(answer, /^HTTP\/1.1 200 OK/)
      assert.deepEqual(await server.refused(), {})
    })

    it('may name the whole URL', async () => {
      await using server = await startedServer()

      const answer = await server.send(
        'GET http://service/ HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n',
      )

      assert.match(answer, /^HTTP\/1.1 200 OK/)
    })

    it('are answered 500, not 400, where fetch itself throws, and the bug is told', async () => {
      const bugs: string[] = []
      await using server = await startedServer({
        onBug: ({ message }) => void bugs.push(message),
        fetch: () => {
          throw new Error('no routes today, see https://host')
        },
      })

      const answer = await server.send(request('GET /', 'Connection: close'))

      assert.match(answer, /^HTTP\/1.1 500 /)
      assert.match(answer, /"code":"internal-error"/)
      assert.doesNotMatch(answer, /no routes today/)
      assert.deepEqual(await server.refused(), {})
      assert.deepEqual(bugs, ['no routes today, see https://host'])
    })

    it('are answered 500 where the answer cannot be written, and the bug is told', async () => {
      const bugs: string[] = []
      await using server = await startedServer({
        fetch: () => new Response('x', { status: 1000 }),
        onBug: ({ message }) => void bugs.push(message),
      })

      const answer = await server.send(request('GET /', 'Connection: close'))

      assert.match(answer, /^HTTP\/1\.1 500 /)
      assert.match(answer, /"code":"internal-error"/)
      assert.match(bugs.join(), /Invalid status code/i)
    })

    it('are answered 500, not 400, where fetch rejects', async () => {
      await using server = await startedServer({
        onBug: () => {},
        fetch: () => Promise.reject(new Error('no routes today')),
      })

      assert.match(await server.send(request('GET /', 'Connection: close')), /^HTTP\/1.1 500 /)
      assert.deepEqual(await server.refused(), {})
    })
  })

  describe('what is no request', { concurrency: true }, () => {
    it('is refused as a problem, counted by reason and warned of', async () => {
      await using server = await startedServer()

      const answer = await server.send('GET / HTTP/1.1\r\nno colon here\r\n\r\n')

      const [head = '', body = ''] = answer.split('\r\n\r\n')
      assert.match(head, /^HTTP\/1.1 400 Bad Request\r\n/)
      assert.match(head, /\r\nConnection: close/)
      assert.match(head, /\r\nContent-Type: application\/problem\+json/)
      assert.match(head, new RegExp(`\r\nContent-Length: ${body.length}(\r\n|$)`))
      assert.deepEqual(JSON.parse(body), {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'That is no HTTP request.',
        code: 'malformed',
      })
      assert.deepEqual(await server.refused(), { malformed: 1 })
      assert.partialDeepStrictEqual(server.lines(), [
        {
          level: 'warn',
          msg: 'refused before it became a request',
          reason: 'malformed',
          'network.peer.address': '127.0.0.1',
        },
      ])
    })

    it('is counted each time, and warned of at a limited rate', async () => {
      await using server = await startedServer()

      await server.send('GET / HTTP/9.9\r\n\r\n')
      await server.send('GET / HTTP/9.9\r\n\r\n')
      await server.send('GET / HTTP/9.9\r\n\r\n')

      assert.deepEqual(await server.refused(), { malformed: 3 })
      assert.equal(server.lines().length, 1)
    })

    it('is told with the plain address of the peer, also on a dual-stack socket', async (t) => {
      const started = await startedServer({ host: '::' }).catch(() => undefined)
      if (!started) return t.skip('no IPv6 here')
      await using server = started

      await server.send('GET / HTTP/9.9\r\n\r\n')

      assert.equal(server.lines()[0]?.['network.peer.address'], '127.0.0.1')
    })

    it('is a method of an unknown name: 400', async () => {
      await using server = await startedServer()

      const answer = await server.send('FETCH / HTTP/1.1\r\nHost: service\r\n\r\n')

      assertProblem(answer, 400, 'unknown-method')
      assert.deepEqual(await server.refused(), { unknown_method: 1 })
    })

    it('is bytes of another protocol: 400', async () => {
      await using server = await startedServer()

      const answer = await server.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')

      assert.match(answer, /^HTTP\/1.1 400 /)
      assert.equal(Object.values(await server.refused()).length, 1)
    })

    it('is a missing Host in HTTP/1.1: 400', async () => {
      await using server = await startedServer()

      const answer = await server.send('GET / HTTP/1.1\r\n\r\n')

      assertProblem(answer, 400, 'bad-host')
      assert.deepEqual(await server.refused(), { bad_host: 1 })
    })

    it('is a Host that is none: 400', async () => {
      await using server = await startedServer()

      const answer = await server.send(
        'GET / HTTP/1.1\r\nHost: service/path\r\nConnection: close\r\n\r\n',
      )

      assertProblem(answer, 400, 'bad-host')
      assert.deepEqual(await server.refused(), { bad_host: 1 })
    })

    it('is a Host with a space, an open bracket or a port out of range: 400', async () => {
      await using server = await startedServer()
      const get = (host: string) =>
        server.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)

      assertProblem(await get('a b'), 400, 'bad-host')
      assertProblem(await get('[::1'), 400, 'bad-host')
      assertProblem(await get('service:65536'), 400, 'bad-host')
      assert.deepEqual(await server.refused(), { bad_host: 3 })
    })

    it('is a Host that is no address, although it looks like one: 400, not 500', async () => {
      await using server = await startedServer()

      const answer = await server.send(
        'HEAD / HTTP/1.1\r\nHost: 999.999.999.999\r\nConnection: close\r\n\r\n',
      )

      assert.match(answer, /^HTTP\/1.1 400 /)
      assert.deepEqual(await server.refused(), { bad_host: 1 })
    })

    it('takes names, addresses and ports', async () => {
      await using server = await startedServer()
      const get = (host: string) =>
        server.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)

      assert.match(await get('Service_1.example.test:65535'), /^HTTP\/1.1 200 /)
      assert.match(await get('[::1]:8080'), /^HTTP\/1.1 200 /)
      assert.match(await get('127.0.0.1'), /^HTTP\/1.1 200 /)
      assert.deepEqual(await server.refused(), {})
    })

    it('is a backslash in the path: 400', async () => {
      await using server = await startedServer()

      const answer = await server.send(request('GET /a\\b', 'Connection: close'))

      assertProblem(answer, 400, 'bad-target')
      assert.deepEqual(await server.refused(), { bad_target: 1 })
    })

    it('is CONNECT: 501', async () => {
      await using server = await startedServer()

      const answer = await server.send('CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n')

      assertProblem(answer, 501, 'connect')
      assert.deepEqual(await server.refused(), { connect: 1 })
    })

    it('is headers that are too large: 431', async () => {
      await using server = await startedServer({ maxHeaderBytes: 2048 })

      const answer = await server.send(request('GET /', `X-Large: ${'x'.repeat(3000)}`))

      assertProblem(answer, 431, 'headers-too-large')
      assert.deepEqual(await server.refused(), { headers_too_large: 1 })
    })

    it('is an expectation that nobody can meet: 417', async () => {
      await using server = await startedServer()

      const answer = await server.send(request('GET /', 'Expect: nonsense'))

      assertProblem(answer, 417, 'expectation')
      assert.deepEqual(await server.refused(), { expectation: 1 })
    })

    it('is refused on a connection that was in use before, too', async () => {
      await using server = await startedServer()
      const client = await server.connected()
      client.write(request('GET /'))
      await client.received(/hello$/)

      client.write('GET / HTTP/9.9\r\n\r\n')

      await client.closed
      assertProblem(client.answer.split('hello')[1] ?? '', 400, 'malformed')
      assert.deepEqual(await server.refused(), { malformed: 1 })
    })
  })

  describe('slow clients', { concurrency: true }, () => {
    it('get 408 when the headers take too long', async () => {
      await using server = await startedServer({ headersTimeoutSeconds: 1 })
      const client = await server.connected()
      const started = performance.now()

      client.write('GET / HTTP/1.1\r\nHost: serv')

      await client.closed
      const seconds = (performance.now() - started) / 1000
      assertProblem(client.answer, 408, 'timeout')
      assert.ok(seconds >= 0.9 && seconds < 2, `took ${seconds} s`)
      assert.deepEqual(await server.refused(), { timeout: 1 })
    })

    it('get 408 when they send nothing at all', async () => {
      await using server = await startedServer({ headersTimeoutSeconds: 0.2 })
      const client = await server.connected()

      await client.closed

      assertProblem(client.answer, 408, 'timeout')
    })

    it('get 408 when the headers take longer than a request may', async () => {
      await using server = await startedServer({
        headersTimeoutSeconds: 60,
        requestTimeoutSeconds: 0.5,
      })
      const client = await server.connected()

      client.write('GET / HTTP/1.1\r\nHost: serv')

      await client.closed
      assertProblem(client.answer, 408, 'timeout')
    })

    it('get 408 when the body drips in, a byte a second', async () => {
      await using server = await startedServer({ requestTimeoutSeconds: 1.5 })
      const client = await server.connected()
      const started = performance.now()
      const drip = setInterval(() => client.write('x'), 1000)

      client.write(request('POST /echo', 'Content-Length: 1000'))

      await client.closed
      clearInterval(drip)
      const seconds = (performance.now() - started) / 1000
      assertProblem(client.answer, 408, 'timeout')
      assert.ok(seconds >= 1.4 && seconds < 2.5, `took ${seconds} s`)
      // Its record tells, too; here is counted that it was us who cut it off.
      assert.deepEqual(await server.refused(), { timeout: 1 })
    })

    it('lose the connection when they leave it idle', async () => {
      await using server = await startedServer({ keepAliveTimeoutSeconds: 0.1 })
      const client = await server.connected()

      client.write(request('GET /'))

      await client.received(/hello$/)
      const left = await Promise.race([client.closed, sleep(4000, 'still there', { ref: false })])
      assert.notEqual(left, 'still there')
    })
  })

  describe('clients that go away', { concurrency: true }, () => {
    it('break nothing in the middle of their headers', async () => {
      await using server = await startedServer()
      const client = await server.connected()
      client.write('GET / HTTP/1.1\r\nHost: serv')
      await sleep(50)

      client.reset()

      await sleep(50)
      assert.match(await server.send(request('GET /', 'Connection: close')), /hello$/)
      assert.deepEqual(await server.refused(), {})
    })

    it('break nothing in the middle of their body', async () => {
      await using server = await startedServer()
      const client = await server.connected()
      client.write(`${request('POST /echo', 'Content-Length: 1000')}abc`)
      await server.handling(1)

      client.reset()

      await server.handling(0)
      assert.match(await server.send(request('GET /', 'Connection: close')), /hello$/)
      assert.deepEqual(await server.refused(), {})
    })

    it('break nothing in the middle of a chunked body', async () => {
      await using server = await startedServer()
      const client = await server.connected()
      client.write(`${request('POST /echo', 'Transfer-Encoding: chunked')}3\r\nabc\r\n`)
      await server.handling(1)

      client.reset()

      await server.handling(0)
      assert.match(await server.send(request('GET /', 'Connection: close')), /hello$/)
    })

    it('break nothing while they are answered', async () => {
      await using server = await startedServer()
      const client = await server.connected()
      client.write(request('GET /endless'))
      await client.received(/tick/)

      client.reset()

      await server.handling(0)
      assert.match(await server.send(request('GET /', 'Connection: close')), /hello$/)
    })

    it('break nothing after CONNECT', async () => {
      await using server = await startedServer()
      const client = await server.connected()

      client.write('CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n')
      client.reset()

      await sleep(50)
      assert.match(await server.send(request('GET /', 'Connection: close')), /hello$/)
    })

    it('have their endless HEAD cancelled', async () => {
      await using server = await startedServer()

      const answer = await server.send(request('HEAD /endless', 'Connection: close'))

      assert.match(answer, /^HTTP\/1.1 200 OK\r\n/)
      assert.ok(answer.endsWith('\r\n\r\n'))
      await server.handling(0)
    })
  })

  describe('draining', { concurrency: true }, () => {
    it('asks clients to open another connection next time', async () => {
      let isDraining = false
      await using server = await startedServer({ isDraining: () => isDraining })
      const client = await server.connected()
      client.write(request('GET /'))
      await client.received(/Connection: keep-alive[^]+hello$/i)

      isDraining = true
      client.write(request('GET /'))

      await client.closed
      assert.match(client.answer.split('hello')[1] ?? '', /\r\nConnection: close\r\n/i)
      assert.match(client.answer, /hello[^]+hello$/)
    })
  })

  describe('close', { concurrency: true }, () => {
    it('lets a request in flight finish', async () => {
      const server = await startedServer()
      const client = await server.connected()
      client.write(request('GET /slow'))
      await server.handling(1)

      const closed = server.close(5)

      await client.received(/at last$/)
      await closed
      assert.match(client.answer, /^HTTP\/1.1 200 OK/)
    })

    it('takes no new connections', async () => {
      const server = await startedServer()
      const client = await server.connected()
      client.write(request('GET /slow'))
      await server.handling(1)

      const closed = server.close(5)

      await assert.rejects(fetch(`http://127.0.0.1:${server.port}/`))
      await closed
    })

    it('is not held up by idle keep-alive connections', async () => {
      const server = await startedServer({ keepAliveTimeoutSeconds: 60 })
      const client = await server.connected()
      client.write(request('GET /'))
      await client.received(/hello$/)

      assert.ok((await secondsOf(server.close(5))) < 0.5)
    })

    it('is not held up by a keep-alive connection that was busy when it began', async () => {
      const server = await startedServer({ keepAliveTimeoutSeconds: 60 })
      const client = await server.connected()
      client.write(request('GET /slow'))
      await server.handling(1)

      assert.ok((await secondsOf(server.close(5))) < 2.5)
      await client.closed
      assert.match(client.answer, /at last$/)
    })

    it('is not held up by a connection that never sent anything', async () => {
      const server = await startedServer()
      await server.connected()
      await sleep(20)

      assert.ok((await secondsOf(server.close(5))) < 0.5)
    })

    it('cuts a hanging request off after the grace time', async () => {
      const server = await startedServer()
      const client = await server.connected()
      client.write(request('GET /hanging'))
      await server.handling(1)

      const seconds = await secondsOf(server.close(0.5))

      assert.ok(seconds >= 0.45 && seconds < 1.5, `took ${seconds} s`)
      await client.closed
      assert.equal(client.answer, '')
    })

    it('cuts off a request that waits behind a hanging one on its connection', async () => {
      const server = await startedServer()
      const client = await server.connected()
      client.write(request('GET /hanging') + request('GET /'))
      await server.handling(1)

      const closed = server.close(0.2).then(() => 'closed')

      assert.equal(await Promise.race([closed, sleep(3000, 'open', { ref: false })]), 'closed')
    })
  })

  describe('a port that cannot be had', { concurrency: true }, () => {
    it('stops the start, and names the setting', async () => {
      await using server = await startedServer()

      await assert.rejects(
        startedServer({ port: server.port, portSetting: 'OPS_PORT' }),
        (error) =>
          error instanceof StartError &&
          error.message ===
            `Cannot start: another process listens on 127.0.0.1:${server.port} already; ` +
              'stop it or set OPS_PORT.',
      )
    })

    it('stops the start where the address is not one of this machine', async () => {
      await assert.rejects(
        startedServer({ host: '192.0.2.1' }),
        (error) =>
          error instanceof StartError &&
          /192\.0\.2\.1:0 is no address of this machine; correct HOST/.test(error.message),
      )
    })
  })
})

/** A server on a free port with a handler for each way in which a request can go. */
// `gc` without starting node with --expose-gc.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function startedServer(options: Partial<ServerOptions> = {}) {
  const written: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void written.push(line) },
  })
  const registry = new GuardedRegistry(1000)
  const { routes, handling } = routesForEveryWay()
  const server = await listen({
    fetch: createApp(routes, { maxBodyBytes: 1_000_000 }),
    port: 0,
    portSetting: 'PORT',
    host: '127.0.0.1',
    headersTimeoutSeconds: 10,
    requestTimeoutSeconds: 10,
    keepAliveTimeoutSeconds: 10,
    maxHeaderBytes: 16_384,
    refusals: new Refusals(registry, logger),
    onBug: (error) => assert.fail(error),
    isDraining: () => false,
    isRecording: () => false,
    ...options,
  })
  return {
    ...server,
    handling,
    connected: () => connectedClient(server.port),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** Everything that comes back until the server closes the connection. */
    async send(text: string): Promise<string> {
      const client = await connectedClient(server.port)
      client.write(text)
      await client.closed
      return client.answer
    },
    /** The reasons that were counted at all. */
    async refused(): Promise<Partial<Record<RefusalReason, number>>> {
      const { values } = await registry.getSingleMetric('http_server_refused_requests_total')!.get()
      const counted = values.filter(({ value }) => value > 0)
      return Object.fromEntries(counted.map(({ labels, value }) => [labels['reason'], value]))
    },
    [Symbol.asyncDispose]: () => server.close(0),
  }
}

function routesForEveryWay() {
  const handlers = { running: 0 }
  const routes = new Hono()
    .get('/', (c) => c.text('hello'))
    .post('/echo', async (c) => {
      handlers.running += 1
      try {
        return c.text(await c.req.text())
      } finally {
        handlers.running -= 1
      }
    })
    .get('/slow', async (c) => {
      handlers.running += 1
      await sleep(400)
      handlers.running -= 1
      return c.text('at last')
    })
    .get('/hanging', () => {
      handlers.running += 1
      return new Promise<Response>(() => {})
    })
    .get('/endless', (c) => {
      handlers.running += 1
      return c.body(
        new ReadableStream<Uint8Array>({
          async pull(controller) {
            await sleep(10)
            controller.enqueue(new TextEncoder().encode('tick'))
          },
          cancel: () => void (handlers.running -= 1),
        }),
      )
    })

  /** Waits until so many handlers are at work. */
  async function handling(count: number): Promise<void> {
    const deadline = performance.now() + 5000
    while (handlers.running !== count) {
      assert.ok(
        performance.now() < deadline,
        `${handlers.running} handlers run instead of ${count}`,
      )
      await sleep(5)
    }
  }
  return { routes, handling }
}

async function connectedClient(port: number) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false })
  // A reset is what some of the tests are about.
  socket.on('error', () => {})
  let answer = ''
  socket.setEncoding('latin1').on('data', (more: string) => (answer += more))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  return {
    closed,
    get answer() {
      return answer
    },
    write: (text: string) => void socket.write(text, 'latin1'),
    reset: () => void socket.resetAndDestroy(),
    async received(pattern: RegExp): Promise<void> {
      const deadline = performance.now() + 5000
      while (!pattern.test(answer) && !socket.closed && performance.now() < deadline) await sleep(5)
      assert.match(answer, pattern)
    },
  }
}

function request(methodAndTarget: string, ...headers: string[]): string {
  return [`${methodAndTarget} HTTP/1.1`, 'Host: service', ...headers, '', ''].join('\r\n')
}

function assertProblem(answer: string, status: number, code: string): void {
  assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
  assert.match(answer, /\r\ncontent-type: application\/problem\+json\r\n/i)
  assert.match(answer, new RegExp(`"status":${status},.*"code":"${code}"`))
}

async function secondsOf(work: Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work
  return (performance.now() - started) / 1000
}
