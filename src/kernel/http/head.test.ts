import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { answerHead } from './head.ts'

describe('answerHead', () => {
  it('asks for the same with GET', async () => {
    const request = new Request('http://service/keys/a?b=c', {
      method: 'HEAD',
      headers: { accept: 'text/plain' },
    })
    let asked: Request | undefined

    await answerHead(request, (asGet) => {
      asked = asGet
      return new Response()
    })

    assert.equal(asked?.method, 'GET')
    assert.equal(asked.url, 'http://service/keys/a?b=c')
    assert.equal(asked.headers.get('accept'), 'text/plain')
  })

  it('keeps status and headers, tells the length in bytes and drops the body', async () => {
    const response = await headOf(
      new Response('Grüße', { status: 404, headers: { 'content-type': 'text/x', etag: '"1"' } }),
    )

    assert.equal(response.status, 404)
    assert.deepEqual(Object.fromEntries(response.headers), {
      'content-length': '7',
      'content-type': 'text/x',
      etag: '"1"',
    })
    assert.equal(response.body, null)
  })

  it('leaves the length that the handler gave', async () => {
    const response = await headOf(new Response('abc', { headers: { 'content-length': '1000' } }))

    assert.equal(response.headers.get('content-length'), '1000')
  })

  it('adds no length to an answer that is sent in chunks', async () => {
    const response = await headOf(
      new Response('abc', { headers: { 'transfer-encoding': 'chunked' } }),
    )

    assert.equal(response.headers.get('content-length'), null)
    assert.equal(response.headers.get('transfer-encoding'), 'chunked')
  })

  it('tells that an empty body is empty', async () => {
    assert.equal((await headOf(new Response(''))).headers.get('content-length'), '0')
  })

  it('passes an answer without a body on as it is', async () => {
    const original = new Response(null, { status: 204, headers: { etag: '"1"' } })

    assert.equal(await headOf(original), original)
  })

  it('adds up a body that is there in pieces', async () => {
    const pieces = ReadableStream.from([new Uint8Array(3), new Uint8Array(4)])

    assert.equal((await headOf(new Response(pieces))).headers.get('content-length'), '7')
  })

  it('does not wait for a body that takes its time, and cancels it', async () => {
    let cancelled = false
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: () => void (cancelled = true),
    })
    const answer = headOf(new Response(slow, { status: 206 }))

    const response = await Promise.race([answer, sleep(2000, undefined, { ref: false })])

    assert.equal(response?.status, 206)
    assert.equal(response.headers.get('content-length'), null)
    assert.ok(cancelled)
  })

  it('cancels an endless body that always has more at hand', async () => {
    let cancelled = false
    let chunks = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks += 1
        // Where nobody cancels it, nothing else would ever run again.
        if (chunks > 100_000) controller.error(new Error('nobody cancelled'))
        controller.enqueue(new Uint8Array(10))
      },
      cancel: () => void (cancelled = true),
    })

    const response = await headOf(new Response(endless))

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), null)
    assert.ok(cancelled)
  })

  it('does not mind a body that fails to be cancelled', async () => {
    const stubborn = new ReadableStream<Uint8Array>({
      cancel: () => Promise.reject(new Error('no')),
    })

    assert.equal((await headOf(new Response(stubborn))).status, 200)
    await sleep(1)
  })

  it('fails where the body fails at once, as GET would', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('disk gone')),
    })

    await assert.rejects(headOf(new Response(broken)), /disk gone/)
  })
})

function headOf(response: Response): Promise<Response> {
  return answerHead(new Request('http://service/', { method: 'HEAD' }), () => response)
}
