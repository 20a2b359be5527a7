import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import {
  codeOf,
  get,
  set,
  setEverywhere,
  startSystem,
  untilReplicated,
} from './support/key-value-service.ts'
import type { System } from './support/key-value-service.ts'
import { redisMissing } from './support/redis-server.ts'

describe('the key-value service', { skip: redisMissing }, () => {
  let system: System

  before(async () => {
    system = await startSystem({ env: { POD_IP: '10.1.37.13' } })
  })
  after(() => system[Symbol.asyncDispose]())

  it('POST /set writes to the primary and answers with its replication, key for key in this order', async () => {
    const response = await fetch(`${system.url}/set`, {
      method: 'POST',
      body: '{"key":"key_1","value":"value_1"}',
    })
    const text = await response.text()

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/json')
    assert.equal(
      text.replace(/"redis_replication":"[^"]*"/, '"redis_replication":""'),
      '{"key":"key_1","value":"value_1","redis_replication":"","action":"SET","pod_ip":"10.1.37.13"}',
    )
    const { redis_replication: told } = JSON.parse(text) as { redis_replication: string }
    assert.match(
      told,
      /^# Replication\r\nrole:master\r\nconnected_slaves:2\r\n(?:[a-z_\d]+:.*\r\n)+$/,
    )
    assert.equal(await system.primary.cli('GET', 'key_1'), 'value_1')
  })

  it('GET /get reads from a replica and answers with its replication', async () => {
    await setEverywhere(system, 'key_1', 'value_1')

    const response = await fetch(`${system.url}/get?key=key_1`)
    const text = await response.text()

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/json')
    assert.equal(
      text.replace(/"redis_replication":"[^"]*"/, '"redis_replication":""'),
      '{"key":"key_1","value":"get key_1: value_1","redis_replication":"","action":"GET","pod_ip":"10.1.37.13"}',
    )
    assert.match(text, /"# Replication\\r\\nrole:slave\\r\\n.*master_link_status:up\\r\\n.*\\r\\n"/)
  })

  it('asks one replica after the other', async () => {
    await setEverywhere(system, 'turn', 'x')
    const before = await Promise.all(system.replicas.map(callsOfGet))

    for (let reads = 0; reads < 10; reads += 1) await (await get(system.url, 'turn')).text()

    const after = await Promise.all(system.replicas.map(callsOfGet))
    assert.deepEqual(
      after.map((calls, index) => calls - (before[index] ?? 0)),
      [5, 5],
    )
  })

  it('ignores what a client says of replication, action and address, and whatever else it says', async () => {
    const body = { key: 'k', value: 'v', redis_replication: 'x', action: 'x', pod_ip: 'x', more: 1 }
    const response = await fetch(`${system.url}/set`, {
      method: 'POST',
      body: JSON.stringify(body),
    })

    const answer = (await response.json()) as Record<string, string>
    assert.match(answer['redis_replication'] ?? '', /^# Replication/)
    assert.deepEqual([answer['action'], answer['pod_ip']], ['SET', '10.1.37.13'])
    assert.equal('more' in answer, false)
  })

  it('keeps every text as it is', async () => {
    const texts = ['', ' ', 'ü\u0000\n"\\', '\ufeffmark', '👍'.repeat(1000), '%FF', '</script>']
    for (const [index, value] of texts.entries()) {
      const key = `text ${index}/ü?&=+#%`
      await setEverywhere(system, key, value)

      const told = (await (await get(system.url, key)).json()) as { key: string; value: string }
      assert.deepEqual([told.key, told.value], [key, `get ${key}: ${value}`])
      const read = await fetch(`${system.url}/keys/${encodeURIComponent(key)}`)
      assert.deepEqual(Buffer.from(await read.arrayBuffer()), Buffer.from(value))
    }
  })

  it('stores, reads and removes by address', async () => {
    const url = `${system.url}/keys/${encodeURIComponent('a/b c')}`

    const put = await fetch(url, { method: 'PUT', body: 'first' })
    const again = await fetch(url, { method: 'PUT', body: 'second' })
    await untilReplicated(system)
    const read = await fetch(url)
    const removed = await fetch(url, { method: 'DELETE' })
    await untilReplicated(system)
    const gone = await fetch(url)
    const removedAgain = await fetch(url, { method: 'DELETE' })

    assert.deepEqual([put.status, again.status, removed.status], [204, 204, 204])
    assert.equal(read.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(read.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(await read.text(), 'second')
    assert.deepEqual([gone.status, await codeOf(gone)], [404, 'unknown-key'])
    assert.deepEqual([removedAgain.status, await codeOf(removedAgain)], [404, 'unknown-key'])
  })

  it('answers 404 where nothing is stored', async () => {
    const response = await get(system.url, 'absent')

    assert.equal(response.status, 404)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(await codeOf(response), 'unknown-key')
  })

  it('answers 400 to what is no JSON, no UTF-8 or no URL', async () => {
    for (const [path, method, body, code] of [
      ['/set', 'POST', '', 'malformed-json'],
      ['/set', 'POST', 'x', 'malformed-json'],
      ['/set', 'POST', '{"key":"k","value":"v"}trailing', 'malformed-json'],
      ['/set', 'POST', Buffer.from('{"key":"k","value":"\xff"}', 'latin1'), 'malformed-text'],
      ['/keys/k', 'PUT', Buffer.from([0xff]), 'malformed-text'],
      ['/keys/%FF', 'PUT', 'v', 'malformed-url'],
      ['/get?key=%FF', 'GET', null, 'malformed-url'],
    ] as const) {
      const response = await fetch(`${system.url}${path}`, { method, body })

      assert.deepEqual([response.status, await codeOf(response)], [400, code], `${path} ${body}`)
    }
  })

  it('answers 422 with every mistake', async () => {
    const longKey = 'ü'.repeat(513)
    for (const [path, method, body, errors] of [
      ['/set', 'POST', '{}', ['key is missing', 'value is missing']],
      ['/set', 'POST', '{"key":1,"value":null}', ['key expected a text', 'value expected a text']],
      ['/set', 'POST', '[]', ['body expected an object with key and value']],
      ['/set', 'POST', 'null', ['body expected an object with key and value']],
      ['/set', 'POST', '{"key":"","value":""}', ['key expected at least one character']],
      [
        '/set',
        'POST',
        '{"key":"k","value":"\\ud800"}',
        ['value expected Unicode, got half of a surrogate pair'],
      ],
      [`/keys/${longKey}`, 'PUT', 'v', ['key expected at most 1024 bytes']],
      ['/get', 'GET', null, ['key is missing']],
      ['/get?key=', 'GET', null, ['key expected at least one character']],
    ] as const) {
      const response = await fetch(`${system.url}${path}`, { method, body })

      const problem = (await response.json()) as { detail: string; errors: Mistake[] }
      assert.equal(response.status, 422, `${path} ${body}`)
      assert.deepEqual(
        problem.errors.map(({ field, message }) => `${field} ${message}`),
        errors,
      )
      assert.ok(problem.detail.startsWith(`${problem.errors[0]?.field}: `))
    }
  })

  it('takes a key of 1024 bytes, and no body above the limit', async () => {
    const longest = 'k'.repeat(1024)
    const large = 'v'.repeat(1_048_577)

    assert.equal((await set(system.url, longest, 'v')).status, 200)
    const response = await fetch(`${system.url}/keys/large`, { method: 'PUT', body: large })
    assert.deepEqual([response.status, await codeOf(response)], [413, 'body-too-large'])
  })

  it('answers 404 elsewhere, and 405 with Allow to another method', async () => {
    const elsewhere = await fetch(`${system.url}/lrange/x`)
    const wrong = await fetch(`${system.url}/set`)
    const patch = await fetch(`${system.url}/keys/x`, { method: 'PATCH' })

    assert.equal(elsewhere.status, 404)
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST'])
    assert.equal(patch.status, 405)
    assert.match(patch.headers.get('allow') ?? '', /DELETE.*GET.*PUT|PUT.*GET.*DELETE/)
  })

  it('answers 409 where something other than a text is stored', async () => {
    await system.primary.cli('RPUSH', 'list', 'x')
    await untilReplicated(system)

    const response = await get(system.url, 'list')

    assert.deepEqual([response.status, await codeOf(response)], [409, 'not-a-text'])
  })

  it('answers 503 when the store is full, which is neither a crash nor a lost write', async () => {
    await system.primary.cli('CONFIG', 'SET', 'maxmemory', '1')
    const full = await set(system.url, 'one-too-many', 'v')
    await system.primary.cli('CONFIG', 'SET', 'maxmemory', '0')
    const roomy = await set(system.url, 'one-too-many', 'v')

    assert.deepEqual([full.status, await codeOf(full)], [503, 'store-full'])
    assert.equal(roomy.status, 200)
  })

  it('has values readable from each replica itself', async () => {
    await setEverywhere(system, 'everywhere', 'yes')

    for (const replica of system.replicas) {
      assert.equal(await replica.cli('GET', 'everywhere'), 'yes')
    }
  })
})

interface Mistake {
  field: string
  message: string
}

async function callsOfGet(server: { cli(...args: string[]): Promise<string> }): Promise<number> {
  return Number(/cmdstat_get:calls=(\d+)/.exec(await server.cli('INFO', 'commandstats'))?.[1] ?? 0)
}
