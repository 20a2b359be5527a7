import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { startSystem } from './support/key-value-service.ts'
import type { System } from './support/key-value-service.ts'
import { redisMissing } from './support/redis-server.ts'

const seed = 20_261_121
const bodies = 400

describe('whatever is sent', { skip: redisMissing }, () => {
  let system: System

  before(async () => {
    system = await startSystem({ replicas: 1, env: { MAX_BODY_BYTES: '4096' } })
  })
  after(() => system[Symbol.asyncDispose]())

  it(`to /set is stored as it is or refused, never a bug and never a hang (seed ${seed})`, async () => {
    const random = randomNumbers(seed)
    const statuses = new Map<number, number>()

    for (let count = 0; count < bodies; count += 1) {
      const body = randomBody(random)
      const response = await fetch(`${system.url}/set`, {
        method: 'POST',
        body,
        signal: AbortSignal.timeout(5000),
      })
      const text = await response.text()
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)

      assert.ok(
        [200, 400, 413, 422].includes(response.status),
        `${body.toString('base64')} ${text}`,
      )
      if (response.status === 200) {
        const sent = JSON.parse(body.toString()) as Record<string, string>
        const told = JSON.parse(text) as Record<string, string>
        assert.deepEqual([told['key'], told['value']], [sent['key'], sent['value']])
      }
    }

    // Or else the bodies were all of one kind, and little was tried.
    for (const status of [200, 400, 413, 422]) assert.ok((statuses.get(status) ?? 0) > 5)
  })

  it('to /keys is read back as it is, or refused', async () => {
    const random = randomNumbers(seed + 1)
    let stored = 0

    for (let count = 0; count < 120; count += 1) {
      const key = encodeURIComponent(randomText(random, 20))
      const body = random() < 0.2 ? randomBytes(random, 50) : Buffer.from(randomText(random, 50))
      // A path of dots is another path; a client's library sees to that.
      const url = `${system.url}/keys/k${key}`
      const put = await fetch(url, { method: 'PUT', body, signal: AbortSignal.timeout(5000) })

      assert.ok([204, 400, 422].includes(put.status), `${key} ${await put.text()}`)
      if (put.status !== 204) continue
      stored += 1
      const value = await system.primary.cli('GET', `k${decodeURIComponent(key)}`)
      assert.equal(value, body.toString(), key)
    }
    assert.ok(stored > 60)
  })
})

/** mulberry32: the same numbers each time. */
function randomNumbers(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function randomBody(random: () => number): Buffer {
  const kind = random()
  if (kind < 0.1) return randomBytes(random, 200)
  if (kind < 0.15) return Buffer.alloc(4097 + Math.floor(random() * 100), 'x')
  if (kind < 0.2) return Buffer.from('['.repeat(Math.floor(random() * 4000)))
  const text = JSON.stringify(kind < 0.6 ? randomPair(random) : randomValue(random, 4))
  return kind < 0.3 ? damaged(Buffer.from(text), random) : Buffer.from(text)
}

function randomPair(random: () => number): unknown {
  const pair: Record<string, unknown> = {
    key: random() < 0.8 ? randomText(random, 20, true) : randomValue(random, 2),
    value: random() < 0.8 ? randomText(random, 100, true) : randomValue(random, 2),
  }
  if (random() < 0.2) pair['__proto__x'] = randomValue(random, 2)
  if (random() < 0.1) delete pair['value']
  return pair
}

function randomValue(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 0 ? 7 : 5))
  const size = Math.floor(random() * 4)
  switch (kind) {
    case 0:
      return null
    case 1:
      return random() < 0.5
    case 2:
      return (random() - 0.5) * 10 ** Math.floor(random() * 300)
    case 3:
    case 4:
      return randomText(random, 30)
    case 5:
      return Array.from({ length: size }, () => randomValue(random, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: size }, () => [randomText(random, 8), randomValue(random, depth - 1)]),
      )
  }
}

/** Controls, quotes, all scripts; `halves` of surrogate pairs only where JSON can escape them. */
function randomText(random: () => number, longest: number, halves = false): string {
  const points = Array.from({ length: Math.floor(random() * longest) }, () => {
    const kind = random()
    if (kind < 0.5) return 0x20 + Math.floor(random() * 0x5f)
    if (kind < 0.6) return 1 + Math.floor(random() * 0x1f)
    if (kind > 0.995 && halves) return 0xd8_00
    if (kind > 0.9) return 0x1_00_00 + Math.floor(random() * 0xff_ff)
    return Math.floor(random() * 0xd7_ff) + 1
  })
  return String.fromCodePoint(...points)
}

function randomBytes(random: () => number, longest: number): Buffer {
  return Buffer.from(
    Array.from({ length: Math.floor(random() * longest) }, () => Math.floor(random() * 256)),
  )
}

function damaged(body: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * body.length)
  if (random() < 0.5) return body.subarray(0, at)
  const copy = Buffer.from(body)
  copy[at] = Math.floor(random() * 256)
  return copy
}
