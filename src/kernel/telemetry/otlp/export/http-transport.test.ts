import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'

import { freePort } from '../../../../../test/support/free-port.ts'
import { startOtlpReceiver } from '../../../../../test/support/otlp-receiver.ts'
import { HttpTransport } from './http-transport.ts'
import type { OtlpTarget } from './otlp-target.ts'
import { batchOf } from './testing/framed.ts'
import { partialSuccess, spanRecord } from './testing/protobuf.ts'
import { selfSigned } from './testing/self-signed.ts'

const delivered = { kind: 'delivered', rejected: 0, reason: '' }

describe('HttpTransport', { concurrency: 4 }, () => {
  it('delivers spans and logs to a collector, compressed or not', async (t) => {
    await using receiver = await startOtlpReceiver()
    const spans = transportTo(t, `${receiver.httpUrl}/v1/traces`, {
      gzip: true,
      headers: { 'x-tenant': 'blue' },
    })
    const logs = transportTo(t, `${receiver.httpUrl}/v1/logs`)

    const answers = [
      await spans.send(batchOf(spanRecord('first'), spanRecord('second')).framed),
      await logs.send(batchOf(spanRecord('')).framed),
    ]

    assert.deepEqual(answers, [delivered, delivered])
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['first', 'second'],
    )
    assert.equal(receiver.logs.length, 1)
    assert.partialDeepStrictEqual(receiver.headers[0], {
      'x-tenant': 'blue',
      'content-encoding': 'gzip',
    })
    assert.match(receiver.headers[0]?.['user-agent'] ?? '', /^plainsight-otlp-exporter node\/\d/)
    assert.equal(receiver.headers[1]?.['content-encoding'], undefined)
  })

  it('uses a connection again, and sends every byte', async (t) => {
    const ports = new Set<number | undefined>()
    const bodies: Buffer[] = []
    const url = await serve(t, (request, response) => {
      ports.add(request.socket.remotePort)
      void buffer(request).then((body) => {
        bodies.push(body)
        response.end()
      })
    })
    const transport = transportTo(t, url)
    const batch = batchOf(spanRecord('a', 1_000_000))

    await transport.send(batch.framed)
    await transport.send(batch.framed)

    assert.equal(ports.size, 1)
    assert.deepEqual(bodies[1], batch.framed.subarray(5))
  })

  it('tells what was rejected of a batch', async (t) => {
    const url = await serve(t, (_, response) => response.end(partialSuccess(3, 'too old')))

    const answer = await transportTo(t, url).send(batchOf(spanRecord('a')).framed)

    assert.deepEqual(answer, { kind: 'delivered', rejected: 3, reason: 'too old' })
  })

  it('is refused, or may try again, by the status', async (t) => {
    const answers: Record<string, unknown> = {}
    let status = 0
    const url = await serve(t, (_, response) => response.writeHead(status).end('no'))
    const transport = transportTo(t, url)
    for (status of [302, 400, 401, 429, 500, 502, 503, 504]) {
      answers[status] = (await transport.send(batchOf(spanRecord('a')).framed)).kind
    }

    assert.deepEqual(answers, {
      302: 'refused',
      400: 'refused',
      401: 'refused',
      429: 'retryable',
      500: 'refused',
      502: 'retryable',
      503: 'retryable',
      504: 'retryable',
    })
  })

  it('passes on when to try again, in seconds or as a date', async (t) => {
    let retryAfter = '7'
    const url = await serve(t, (_, response) =>
      response.writeHead(503, { 'retry-after': retryAfter }).end(),
    )
    const transport = transportTo(t, url)
    const { framed } = batchOf(spanRecord('a'))

    const seconds = await transport.send(framed)
    retryAfter = new Date(Date.now() + 60_000).toUTCString()
    const date = await transport.send(framed)
    retryAfter = 'later'
    const nonsense = await transport.send(framed)

    assert.deepEqual(seconds, {
      kind: 'retryable',
      reason: 'HTTP status 503 Service Unavailable',
      afterMillis: 7000,
    })
    const millis = date.kind === 'retryable' ? date.afterMillis : undefined
    assert.ok(millis !== undefined && millis > 50_000 && millis <= 60_000)
    assert.partialDeepStrictEqual(nonsense, { kind: 'retryable', afterMillis: undefined })
  })

  it('takes an answer that comes before the request was read', async (t) => {
    const sockets: Socket[] = []
    const hasty = createTcpServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')
      })
    }).listen(0, '127.0.0.1')
    await once(hasty, 'listening')
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      hasty.close()
    })
    const url = `http://127.0.0.1:${(hasty.address() as AddressInfo).port}/v1/traces`
    const started = performance.now()

    const answer = await transportTo(t, url).send(batchOf(spanRecord('a', 20_000_000)).framed)

    assert.deepEqual(answer, { kind: 'refused', reason: 'HTTP status 400 Bad Request' })
    assert.ok(performance.now() - started < 2000)
  })

  it('may try again what was not answered in time, or not at all', async (t) => {
    let isClosing = false
    const url = await serve(t, (request) => isClosing && request.socket.destroy())
    const transport = transportTo(t, url, { timeoutMillis: 150 })
    const { framed } = batchOf(spanRecord('a'))

    const silent = await transport.send(framed)
    isClosing = true
    const closed = await transport.send(framed)
    const away = await transportTo(t, `http://127.0.0.1:${await freePort()}/`).send(framed)

    assert.deepEqual(silent, { kind: 'retryable', reason: 'deadline exceeded: 150 ms' })
    assert.deepEqual(closed, { kind: 'retryable', reason: 'socket hang up' })
    assert.equal(away.kind, 'retryable')
    assert.match(away.reason, /ECONNREFUSED/)
  })

  it('trusts the certificate it is given, shows its own, and trusts no other', async (t) => {
    const { key, cert } = selfSigned(t)
    const clients: boolean[] = []
    const server = createTlsServer(
      { key, cert, ca: cert, requestCert: true },
      (request, response) => {
        clients.push((request.socket as TLSSocket).authorized)
        response.end()
      },
    ).listen(0, 'localhost')
    await once(server, 'listening')
    t.after(() => server.close())
    const url = `https://localhost:${(server.address() as AddressInfo).port}/v1/traces`
    const { framed } = batchOf(spanRecord('a'))

    const trusted = await transportTo(t, url, { tls: { ca: cert, cert, key } }).send(framed)
    const untrusted = await transportTo(t, url).send(framed)

    assert.deepEqual(trusted, delivered)
    assert.deepEqual(clients, [true])
    assert.equal(untrusted.kind, 'refused')
    assert.match(untrusted.kind === 'refused' ? untrusted.reason : '', /^self-signed certificate/)
  })

  it('fails instead of throwing where a header cannot be sent', async (t) => {
    const transport = transportTo(t, 'http://127.0.0.1:1/', { headers: { 'x-tenant': 'a\nb' } })

    const answer = await transport.send(batchOf(spanRecord('a')).framed)

    assert.equal(answer.kind, 'refused')
    assert.match(answer.kind === 'refused' ? answer.reason : '', /Invalid character/)
  })
})

function transportTo(t: TestContext, url: string, options: Partial<OtlpTarget> = {}) {
  const transport = new HttpTransport({
    signal: 'spans',
    protocol: 'http/protobuf',
    url,
    headers: {},
    gzip: false,
    timeoutMillis: 10_000,
    tls: {},
    ...options,
  })
  // Neither its connections nor its timers keep the process alive.
  const keepAlive = setTimeout(() => {}, 20_000)
  t.after(() => {
    clearTimeout(keepAlive)
    transport.close()
  })
  return transport
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
}
