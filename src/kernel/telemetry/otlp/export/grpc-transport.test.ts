import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { startOtlpReceiver } from '../../../../../test/support/otlp-receiver.ts'
import { waitUntil } from '../../../../../test/support/wait-until.ts'
import { GrpcTransport } from './grpc-transport.ts'
import type { OtlpTarget } from './otlp-target.ts'
import { batchOf } from './testing/framed.ts'
import {
  answerOk,
  answerTrailersOnly,
  answerWith,
  isAuthorized,
  startGrpcStub,
} from './testing/grpc-stub.ts'
import { partialSuccess, retryInfo, spanRecord } from './testing/protobuf.ts'
import { selfSigned } from './testing/self-signed.ts'

// Frames of a peer that lets the client send as much as it likes.
const settings = Buffer.from('00000604000000000000047fffffff', 'hex')
const windowUpdate = Buffer.from('0000040800000000007fff0000', 'hex')

const delivered = { kind: 'delivered', rejected: 0, reason: '' }

describe('GrpcTransport', { concurrency: 4 }, () => {
  it('delivers spans and logs to a collector', async (t) => {
    await using receiver = await startOtlpReceiver()
    const spans = transportTo(t, receiver.grpcUrl, { headers: { 'x-tenant': 'blue' } })
    const logs = transportTo(t, receiver.grpcUrl, { signal: 'logs' })

    const answers = [
      await spans.send(batchOf(spanRecord('first'), spanRecord('second')).framed),
      await logs.send(batchOf(spanRecord('')).framed),
    ]

    assert.deepEqual(answers, [delivered, delivered])
    assert.deepEqual(
      receiver.spans.map(({ name, scope, resource }) => [name, scope, resource['service.name']]),
      [
        ['first', 'test-scope', 'test'],
        ['second', 'test-scope', 'test'],
      ],
    )
    assert.equal(receiver.logs.length, 1)
    assert.equal(receiver.headers[0]?.['x-tenant'], 'blue')
    assert.match(receiver.headers[0]?.['user-agent'] ?? '', /^plainsight-otlp-exporter node\/\d/)
  })

  it('says what gRPC wants to hear', async (t) => {
    await using stub = await startGrpcStub()
    await transportTo(t, stub.url, { timeoutMillis: 1234 }).send(batchOf(spanRecord('a')).framed)

    assert.partialDeepStrictEqual(stub.calls[0]?.headers, {
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      ':scheme': 'http',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '1234m',
    })
  })

  it('uses one connection for everything', async (t) => {
    await using stub = await startGrpcStub()
    const transport = transportTo(t, stub.url)

    await Promise.all(names(20).map((name) => transport.send(batchOf(spanRecord(name)).framed)))
    await transport.send(batchOf(spanRecord('last')).framed)

    assert.equal(stub.calls.length, 21)
    assert.equal(stub.sessions.length, 1)
  })

  it('gets everything through the small windows of a slow reader', async (t) => {
    await using stub = await startGrpcStub()
    const transport = transportTo(t, stub.url)
    const batches = names(40).map((name) => batchOf(spanRecord(name, 600_000)))

    const answers = await Promise.all(batches.map(({ framed }) => transport.send(framed)))

    assert.ok(answers.every(({ kind }) => kind === 'delivered'))
    const messages = new Set(stub.calls.map(({ message }) => message.toString('latin1')))
    assert.equal(messages.size, 40)
    for (const { framed } of batches) assert.ok(messages.has(framed.toString('latin1', 5)))
  })

  it('compresses where that is asked for', async (t) => {
    await using stub = await startGrpcStub()
    const { framed } = batchOf(spanRecord('a', 10_000))

    const answer = await transportTo(t, stub.url, { gzip: true }).send(framed)

    assert.deepEqual(answer, delivered)
    const [call] = stub.calls
    assert.equal(call?.headers['grpc-encoding'], 'gzip')
    assert.equal(call?.body[0], 1)
    assert.ok((call?.body.length ?? Infinity) < 1000)
    assert.deepEqual(call?.message, framed.subarray(5))
  })

  it('tells what was rejected of a batch', async (t) => {
    await using stub = await startGrpcStub({
      answer: (stream) => answerWith(stream, { 'grpc-status': '0' }, partialSuccess(3, 'too old')),
    })

    const answer = await transportTo(t, stub.url).send(batchOf(spanRecord('a')).framed)

    assert.deepEqual(answer, { kind: 'delivered', rejected: 3, reason: 'too old' })
  })

  it('is refused, or may try again, by the status in trailers and in trailers alone', async (t) => {
    await using stub = await startGrpcStub({
      answer: (stream) =>
        answerWith(stream, { 'grpc-status': '16', 'grpc-message': 'who%20are%20you%3F' }),
    })
    const transport = transportTo(t, stub.url)
    const { framed } = batchOf(spanRecord('a'))

    const inTrailers = await transport.send(framed)
    stub.answer = (stream) => answerTrailersOnly(stream, { 'grpc-status': '14' })
    const alone = await transport.send(framed)
    stub.answer = (stream) => answerTrailersOnly(stream, { 'grpc-status': '8' })
    const exhausted = await transport.send(framed)

    assert.deepEqual(inTrailers, { kind: 'refused', reason: '16 UNAUTHENTICATED: who are you?' })
    assert.equal(alone.kind, 'retryable')
    assert.equal(exhausted.kind, 'refused')
  })

  it('tries again what is exhausted when the collector says when', async (t) => {
    await using stub = await startGrpcStub({
      answer: (stream) =>
        answerWith(stream, {
          'grpc-status': '8',
          'grpc-message': 'busy',
          'grpc-status-details-bin': retryInfo(2, 500_000_000),
        }),
    })

    const answer = await transportTo(t, stub.url).send(batchOf(spanRecord('a')).framed)

    assert.deepEqual(answer, {
      kind: 'retryable',
      reason: '8 RESOURCE_EXHAUSTED: busy',
      afterMillis: 2500,
    })
  })

  it('understands a proxy that speaks no gRPC', async (t) => {
    await using stub = await startGrpcStub({
      answer: (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
    })
    const transport = transportTo(t, stub.url)
    const { framed } = batchOf(spanRecord('a'))

    const away = await transport.send(framed)
    stub.answer = (stream) => stream.respond({ ':status': 404 }, { endStream: true })
    const missing = await transport.send(framed)
    stub.answer = (stream) => stream.respond({ ':status': 200 }, { endStream: true })
    const odd = await transport.send(framed)

    assert.equal(away.kind, 'retryable')
    assert.equal(reasonOf(away), '14 UNAVAILABLE: HTTP status 503')
    assert.deepEqual(missing, { kind: 'refused', reason: '12 UNIMPLEMENTED: HTTP status 404' })
    assert.deepEqual(odd, { kind: 'refused', reason: '2 UNKNOWN: an answer without a status' })
  })

  it('takes an answer that comes before the request was read', async (t) => {
    await using stub = await startGrpcStub()
    // Having read a little, Node's server leaves the rest of the request unread and the stream open.
    stub.answerEarly = (stream) =>
      stream.once('data', () => {
        stream.pause()
        answerWith(stream, { 'grpc-status': '3' })
      })
    const transport = transportTo(t, stub.url)
    const started = performance.now()

    const answers = [
      await transport.send(batchOf(spanRecord('a', 1_000_000)).framed),
      await transport.send(batchOf(spanRecord('b', 1_000_000)).framed),
    ]

    assert.ok(answers.every((answer) => /^3 INVALID_ARGUMENT/.test(reasonOf(answer))))
    assert.ok(performance.now() - started < 1500)
  })

  it('gives up an attempt in time, tells the collector, and connects anew', async (t) => {
    await using stub = await startGrpcStub({ answer: () => {} })
    const transport = transportTo(t, stub.url, { timeoutMillis: 500 })
    const { framed } = batchOf(spanRecord('a'))
    const started = performance.now()

    const silent = await transport.send(framed)
    const elapsed = performance.now() - started
    await sleep(50)
    stub.answer = answerOk
    const answered = await transport.send(framed)

    assert.deepEqual(silent, {
      kind: 'retryable',
      reason: '4 DEADLINE_EXCEEDED: deadline exceeded: 500 ms',
      afterMillis: undefined,
    })
    assert.ok(elapsed >= 495 && elapsed < 2000, `${elapsed} ms`)
    assert.deepEqual(stub.aborted, [constants.NGHTTP2_CANCEL])
    assert.deepEqual(answered, delivered)
    assert.equal(stub.sessions.length, 2)
  })

  it('stays on a connection where others are answered', async (t) => {
    await using stub = await startGrpcStub()
    stub.answer = (stream) => stub.calls.length > 1 && answerOk(stream)
    const transport = transportTo(t, stub.url, { timeoutMillis: 600 })

    const hanging = transport.send(batchOf(spanRecord('a')).framed)
    while (stub.calls.length === 0) await sleep(5)
    const other = await transport.send(batchOf(spanRecord('b')).framed)
    const first = await hanging
    await transport.send(batchOf(spanRecord('c')).framed)

    assert.deepEqual([first.kind, other.kind], ['retryable', 'delivered'])
    assert.equal(stub.sessions.length, 1)
  })

  it('leaves a new connection alone when calls on the old one end', async (t) => {
    await using stub = await startGrpcStub({ answer: () => {} })
    const transport = transportTo(t, stub.url, { timeoutMillis: 400 })
    const { framed } = batchOf(spanRecord('a'))

    const first = transport.send(framed)
    await sleep(200)
    const second = transport.send(framed)
    await first
    const third = transport.send(framed)
    await second
    stub.answer = answerOk
    await transport.send(framed)
    await third

    assert.equal(stub.sessions.length, 2)
  })

  it('gives up on a peer that takes the connection and nothing else', async (t) => {
    const sockets: Socket[] = []
    let closed = 0
    const deaf = createServer((socket) => {
      sockets.push(socket.pause())
      socket.write(Buffer.concat([settings, windowUpdate]))
      socket.on('error', () => {})
      socket.on('close', () => {
        closed += 1
      })
    }).listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      deaf.close()
    })
    const url = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`
    const transport = transportTo(t, url, { timeoutMillis: 100 })

    const batch = batchOf(spanRecord('a', 20_000_000))
    const answers = [await transport.send(batch.framed), await transport.send(batch.framed)]

    assert.ok(answers.every((answer) => /DEADLINE_EXCEEDED/.test(reasonOf(answer))))
    assert.ok(answers.every(({ lingers }) => lingers))
    assert.equal(sockets.length, 2)
    // Until both connections are past any call, and what was not sent is thrown away with them.
    await sleep(200)
    for (const socket of sockets) socket.resume()
    await waitUntil(
      () => closed === 2,
      2000,
      () => `${closed} connections were closed`,
    )
    assert.ok(sockets.every(({ bytesRead }) => bytesRead < 20_000_000))
  })

  it('survives GOAWAY and a connection that is closed', async (t) => {
    await using stub = await startGrpcStub()
    const transport = transportTo(t, stub.url)
    const { framed } = batchOf(spanRecord('a'))
    await transport.send(framed)

    stub.sessions[0]?.goaway()
    await sleep(20)
    const afterGoaway = await transport.send(framed)
    stub.sessions[1]?.goaway(11)
    await sleep(20)
    const afterRebuke = await transport.send(framed)
    stub.sessions[2]?.destroy()
    await sleep(20)
    const afterClose = await transport.send(framed)

    assert.deepEqual([afterGoaway, afterRebuke, afterClose], [delivered, delivered, delivered])
    assert.equal(stub.sessions.length, 4)
  })

  it('sends nothing more on a connection that says goodbye, and still takes its answers', async (t) => {
    await using stub = await startGrpcStub({
      answer: (stream) => void setTimeout(() => answerOk(stream), 100),
    })
    const transport = transportTo(t, stub.url)
    const { framed } = batchOf(spanRecord('a'))

    const before = transport.send(framed)
    while (stub.calls.length === 0) await sleep(5)
    stub.sessions[0]?.goaway()
    await sleep(30)
    const after = transport.send(framed)

    assert.deepEqual([await before, await after], [delivered, delivered])
    assert.equal(stub.sessions.length, 2)
  })

  it('may try again what a dying collector did not answer, also on the same port', async (t) => {
    await using stub = await startGrpcStub({ answer: () => {} })
    const transport = transportTo(t, stub.url)
    const { framed } = batchOf(spanRecord('a'))

    const pending = transport.send(framed)
    while (stub.calls.length === 0) await sleep(5)
    await stub.kill()
    const killed = await pending
    const away = await transport.send(framed)
    await using reborn = await startGrpcStub({ port: stub.port })
    const back = await transport.send(framed)

    assert.equal(killed.kind, 'retryable')
    assert.match(reasonOf(away), /^14 UNAVAILABLE: connect ECONNREFUSED 127\.0\.0\.1:\d+$/)
    assert.equal(away.kind, 'retryable')
    assert.deepEqual(back, delivered)
    assert.equal(reborn.calls.length, 1)
  })

  it('tells streams that were reset apart', async (t) => {
    await using stub = await startGrpcStub({ answer: (stream) => stream.close(7) })
    const transport = transportTo(t, stub.url)
    const { framed } = batchOf(spanRecord('a'))

    const refused = await transport.send(framed)
    stub.answer = (stream) => stream.close(1)
    const broken = await transport.send(framed)

    assert.match(reasonOf(refused), /^14 UNAVAILABLE/)
    assert.match(reasonOf(broken), /^13 INTERNAL/)
    assert.equal(broken.kind, 'refused')
  })

  it('trusts the certificate it is given, shows its own, and trusts no other', async (t) => {
    const { key, cert } = selfSigned(t)
    await using stub = await startGrpcStub({ tls: { key, cert, ca: cert, requestCert: true } })
    const { framed } = batchOf(spanRecord('a'))

    const trusted = await transportTo(t, stub.url, { tls: { ca: cert, cert, key } }).send(framed)
    const untrusted = await transportTo(t, stub.url).send(framed)

    assert.deepEqual(trusted, delivered)
    assert.ok(isAuthorized(stub.sessions[0]))
    assert.match(reasonOf(untrusted), /^14 UNAVAILABLE: self-signed certificate/)
  })

  it('fails instead of throwing where a header cannot be sent', async (t) => {
    await using stub = await startGrpcStub()
    const transport = transportTo(t, stub.url, { headers: { connection: 'close' } })

    const answer = await transport.send(batchOf(spanRecord('a')).framed)

    assert.equal(answer.kind, 'refused')
    assert.match(reasonOf(answer), /connection/)
  })

  it('leaves the message as it was, for the next attempt', async (t) => {
    await using stub = await startGrpcStub()
    const { framed } = batchOf(spanRecord('a', 200_000))
    const before = Buffer.from(framed.subarray(5))

    await transportTo(t, stub.url).send(framed)

    assert.deepEqual(framed.subarray(5), before)
  })
})

function transportTo(t: TestContext, url: string, options: Partial<OtlpTarget> = {}) {
  const transport = new GrpcTransport({
    signal: 'spans',
    protocol: 'grpc',
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

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `span ${index}`)
}

function reasonOf(answer: { reason: string }): string {
  return answer.reason
}
