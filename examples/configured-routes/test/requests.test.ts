import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { valueOf } from '../../../test/support/exposition.ts'
import { traceIdOf } from '../../../test/support/observed-service.ts'
import { isUnderWay, startExample } from './running-example.ts'
import type { Example } from './running-example.ts'

const yaml = `routes:
  /sub/: below
  /users/:id: literal
  /patient: { response: done, duration: 1.5 }
  /endless: { response: never, duration: 3600 }
`

describe('a request', () => {
  let example: Example

  before(async () => {
    example = await startExample(yaml)
  })
  after(() => example[Symbol.asyncDispose]())

  it('is recorded under the pattern that is configured', async () => {
    const response = await ask('/sub/some/where')
    const { span, accessLine } = await example.telemetryOf(traceIdOf(response))

    assert.equal(span.name, 'GET /sub/')
    assert.equal(span.attributes['http.route'], '/sub/')
    assert.equal(accessLine['http.route'], '/sub/')
    assert.equal(accessLine['url.path'], '/sub/some/where')
    assert.equal(await requestsOf({ http_route: '/sub/' }), 1)
  })

  it('is recorded under a pattern that means something elsewhere', async () => {
    const response = await ask('/users/:id')
    const { span } = await example.telemetryOf(traceIdOf(response))

    assert.equal(span.name, 'GET /users/:id')
    assert.equal(await requestsOf({ http_route: '/users/:id' }), 1)
  })

  it('is recorded under the route that it is sent to', async () => {
    const response = await ask('/sub', { redirect: 'manual' })
    const { span } = await example.telemetryOf(traceIdOf(response))

    assert.equal(span.name, 'GET /sub/')
    const labels = { http_route: '/sub/', http_response_status_code: '301' }
    assert.equal(await requestsOf(labels), 1)
  })

  it('is unmatched where nothing is configured, or not for its method', async () => {
    for (const [path, method, status] of [
      ['/users/7', 'GET', '404'],
      ['/sub/', 'POST', '405'],
    ] as const) {
      const response = await ask(path, { method })
      const { span, accessLine } = await example.telemetryOf(traceIdOf(response))

      assert.equal(span.name, method)
      assert.equal(span.attributes['http.route'], undefined)
      assert.equal(accessLine['http.route'], undefined)
      const labels = { http_route: 'unmatched', http_response_status_code: status }
      assert.equal(await requestsOf(labels), 1)
    }
  })

  it('never makes its path a label', async () => {
    const routes = (await example.samples()).map(({ labels }) => labels['http_route'])

    assert.deepEqual(
      new Set(routes.filter((route) => route !== undefined)),
      new Set(['/sub/', '/users/:id', 'unmatched']),
    )
  })

  it('is all that is traced: looking at the file is not', () => {
    assert.deepEqual(
      example.receiver.spans.filter(({ kind }) => kind !== 'SERVER'),
      [],
    )
  })

  it('ends when its caller leaves, however long its route takes', async () => {
    const leaving = new AbortController()
    const answer = fetch(`${example.url}/endless`, { signal: leaving.signal })
    await example.until('under way', isUnderWay)

    leaving.abort()

    await assert.rejects(answer, { name: 'AbortError' })
    await example.until('over', (samples) => !isUnderWay(samples))
    const line = await example.service.waitForLine(
      'access line of /endless',
      (candidate) => candidate['url.path'] === '/endless',
    )
    assert.equal(line['http.route'], '/endless')
    assert.equal(line['error.type'], 'client_disconnected')
  })

  async function requestsOf(labels: Record<string, string>): Promise<number> {
    const name = 'http_server_request_duration_seconds_count'
    return valueOf(await example.samples(), name, labels)
  }

  function ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${example.url}${path}`, init)
  }
})

describe('SIGTERM', () => {
  it('lets a request finish that takes its time', async () => {
    await using example = await startExample(yaml)
    const answer = fetch(`${example.url}/patient`)
    await example.until('under way', isUnderWay)

    const stopped = example.service.stop()

    assert.equal(await (await answer).text(), 'Hello, You are at /patient, Got: done')
    assert.deepEqual(await stopped, { code: 0, signal: null })
  })

  it('does not wait for a request longer than the grace', async () => {
    await using example = await startExample(yaml, () => ({ GRACE_SECONDS: '0.2' }))
    const answer = fetch(`${example.url}/endless`)
    await example.until('under way', isUnderWay)

    const stopped = example.service.stop()

    await assert.rejects(answer)
    assert.deepEqual(await stopped, { code: 0, signal: null })
    assert.equal(example.service.lines.at(-1)?.msg, 'stopped')
  })
})
