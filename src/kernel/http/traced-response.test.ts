import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import type { OpenRecord } from '../telemetry/request-recorder.ts'
import { TracedResponse } from './traced-response.ts'

describe('TracedResponse', () => {
  const ways: [string, (response: TracedResponse) => void][] = [
    ['no headers', (response) => response.writeHead(201)],
    ['a record', (response) => response.writeHead(201, { 'x-other': '1' })],
    ['a list', (response) => response.writeHead(201, ['x-other', '1'])],
    ['a message', (response) => response.writeHead(201, 'Made')],
    ['a message and a record', (response) => response.writeHead(201, 'Made', { 'x-other': '1' })],
    [
      'headers set before',
      (response) => response.setHeader('x-other', '1').writeHead(201, { 'x-third': '2' }),
    ],
    ['nothing said at all', (response) => Object.assign(response, { statusCode: 201 })],
  ]
  for (const [name, writeHead] of ways) {
    it(`names its trace: ${name}`, async (t) => {
      const url = await servedBy(t, (response) => {
        response.record = recordOf('abc')
        writeHead(response)
        response.end()
      })

      const response = await fetch(url)

      assert.equal(response.status, 201)
      assert.equal(response.headers.get('x-trace-id'), 'abc')
      if (/record|list|before/.test(name)) assert.equal(response.headers.get('x-other'), '1')
      if (name.includes('message')) assert.equal(response.statusText, 'Made')
    })
  }

  it('says nothing where there is no trace', async (t) => {
    const url = await servedBy(t, (response) => response.writeHead(200, { a: 'b' }).end())

    const { headers } = await fetch(url)

    assert.equal(headers.get('x-trace-id'), null)
    assert.equal(headers.get('a'), 'b')
  })

  const theirs: [string, (response: TracedResponse) => void][] = [
    ['a record', (response) => response.writeHead(200, { 'X-Trace-Id': 'theirs' })],
    ['a list', (response) => response.writeHead(200, ['X-Trace-Id', 'theirs'])],
    ['a message', (response) => response.writeHead(200, 'Yes', { 'x-trace-id': 'theirs' })],
    ['set before', (response) => response.setHeader('X-Trace-ID', 'theirs').writeHead(200)],
  ]
  for (const [name, writeHead] of theirs) {
    it(`leaves the word to an answer that names a trace itself: ${name}`, async (t) => {
      const url = await servedBy(t, (response) => {
        response.record = recordOf('abc')
        writeHead(response)
        response.end()
      })

      const { headers } = await fetch(url)

      assert.equal(headers.get('x-trace-id'), 'theirs')
    })
  }

  const ends: [string, (response: TracedResponse) => void][] = [
    ['left', (response) => response.end('whole')],
    ['broke off', (response) => response.destroy()],
  ]
  for (const [name, end] of ends) {
    it(`says to its record once that it has closed, before anybody else hears of it: ${name}`, async (t) => {
      const heard: string[] = []
      const { promise: closed, resolve } = Promise.withResolvers<void>()
      const url = await servedBy(t, (response) => {
        response.once('close', () => heard.push('listener'))
        response.record = { ...recordOf('abc'), close: () => void heard.push('record') }
        response.once('close', () => setImmediate(resolve))
        end(response)
      })

      await fetch(url).catch(() => {})
      await closed

      assert.deepEqual(heard, ['record', 'listener'])
    })
  }

  it('leaves the headers that it is given as they are', async (t) => {
    const shared = { a: 'b' }
    const url = await servedBy(t, (response) => {
      response.record = recordOf('abc')
      response.writeHead(200, shared).end()
    })

    await fetch(url)

    assert.deepEqual(shared, { a: 'b' })
  })
})

function recordOf(traceId: string): OpenRecord {
  return { traceId, route: undefined, run: (work) => work(), setRoute() {}, fail() {}, close() {} }
}

async function servedBy(t: TestContext, answer: (response: TracedResponse) => void) {
  const server = createServer({ ServerResponse: TracedResponse }, (_request, response) =>
    answer(response),
  )
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
