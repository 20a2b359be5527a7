import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'

import { Hono } from 'hono'

import { ServiceError } from '../errors.ts'
import { GuardedRegistry } from '../telemetry/guarded-registry.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createApp } from './app.ts'
import { limitBody } from './body-limit.ts'
import { Refusals } from './refusals.ts'
import { listen } from './server.ts'

describe('limitBody', () => {
  it('hands a request back whose declared length is within the limit', () => {
    const request = posted('0123456789')

    assert.equal(limitBody(request, incomingWith({ 'content-length': '10' }), 10), request)
  })

  it('refuses a declared length above the limit', () => {
    assert.throws(
      () => limitBody(posted('0123456789'), incomingWith({ 'content-length': '10' }), 9),
      (error) =>
        error instanceof ServiceError &&
        error.fault === 'too-large' &&
        error.code === 'body-too-large' &&
        /9 bytes/.test(error.message),
    )
  })

  it('leaves a request without a body alone', () => {
    const request = new Request('http://service/')

    assert.equal(limitBody(request, incomingWith({}), 0), request)
    assert.equal(limitBody(request, incomingWith({ 'transfer-encoding': 'chunked' }), 0), request)
  })

  describe('on a server that takes ten bytes', { concurrency: true }, () => {
    it('reads a body of exactly the limit', async () => {
      await using server = await echoServer()

      const answer = await server.send(withLength(10, '0123456789'))

      assert.match(answer, /^HTTP\/1.1 200 /)
      assert.ok(answer.endsWith('\r\n\r\n0123456789'))
    })

    it('refuses a longer one before it has arrived, and closes the connection', async () => {
      await using server = await echoServer()

      const answer = await server.send(withLength(11, '').replace('Connection: close\r\n', ''))

      assert.match(answer, /^HTTP\/1.1 413 /)
      assert.match(answer, /\r\nconnection: close\r\n/i)
      assert.match(answer, /"detail":"The body may have 10 bytes at most.","code":"body-too-large"/)
      assert.deepEqual(server.seen, [])
    })

    it('reads a chunked body of exactly the limit', async () => {
      await using server = await echoServer()

      const answer = await server.send(chunked('01234', '56789'))

      assert.match(answer, /^HTTP\/1.1 200 /)
      assert.ok(answer.endsWith('\r\n\r\n0123456789'))
    })

    it('refuses a chunked body as soon as it is one byte too long', async () => {
      await using server = await echoServer()

      // Without the last chunk: there may be no end.
      const answer = await server.send(chunked('01234', '56789', 'x').replace('0\r\n\r\n', ''))

      assert.match(answer, /^HTTP\/1.1 413 /)
      assert.match(answer, /\r\nconnection: close\r\n/i)
      assert.match(answer, /"code":"body-too-large"/)
    })

    it('answers a handler that does not read a chunked body', async () => {
      await using server = await echoServer()

      const answer = await server.send(
        chunked('0123456789', 'x')
          .replace('POST /', 'POST /unread')
          .replace('Host', 'Connection: close\r\nHost'),
      )

      assert.match(answer, /^HTTP\/1.1 200 /)
    })

    it('keeps method, path and headers of a chunked request', async () => {
      await using server = await echoServer()

      await server.send(chunked('a'))

      assert.deepEqual(server.seen, ['POST / application/x-test'])
    })
  })
})

function posted(body: string): Request {
  return new Request('http://service/', { method: 'POST', body })
}

function incomingWith(headers: Record<string, string>): IncomingMessage {
  return { headers } as unknown as IncomingMessage
}

function withLength(length: number, body: string): string {
  return `POST / HTTP/1.1\r\nHost: service\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${body}`
}

function chunked(...chunks: string[]): string {
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
  return (
    'POST / HTTP/1.1\r\nHost: service\r\nContent-Type: application/x-test\r\n' +
    `Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`
  )
}

async function echoServer() {
  const seen: string[] = []
  const routes = new Hono()
    .post('/', async (c) => {
      seen.push(`${c.req.method} ${c.req.path} ${c.req.header('content-type')}`)
      return c.text(await c.req.text())
    })
    .post('/unread', (c) => c.text('never looked'))
  const logger = createLogger({ service: 'test', level: 'silent', pretty: false, otlp: false })
  const server = await listen({
    fetch: createApp(routes, { maxBodyBytes: 10 }),
    port: 0,
    portSetting: 'PORT',
    host: '127.0.0.1',
    headersTimeoutSeconds: 5,
    requestTimeoutSeconds: 5,
    keepAliveTimeoutSeconds: 5,
    maxHeaderBytes: 4096,
    refusals: new Refusals(new GuardedRegistry(1000), logger),
    onBug: (error) => assert.fail(error),
    isDraining: () => false,
    isRecording: () => false,
  })
  return {
    seen,
    async send(text: string): Promise<string> {
      const socket = connect(server.port, '127.0.0.1')
      let answer = ''
      socket.setEncoding('utf8').on('data', (more: string) => (answer += more))
      socket.on('error', () => {})
      socket.write(text)
      await new Promise((resolve) => socket.once('close', resolve))
      return answer
    },
    [Symbol.asyncDispose]: () => server.close(0),
  }
}
