import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, METHODS, request } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { valueOf } from './support/exposition.ts'
import { startObserved } from './support/observed-service.ts'
import type { ObservedService } from './support/observed-service.ts'

// Node's client cannot send these as ordinary requests.
const methods = METHODS.filter((method) => method !== 'CONNECT')

describe('abuse', () => {
  it('ten thousand random paths, methods and headers: no new series, no 5xx, no memory kept', async () => {
    await using observed = await startObserved()
    await randomRequests(observed, 3000)
    const seriesBefore = (await observed.samples()).map(nameOfSeries)
    const bytesBefore = await heapBytes(observed)

    const statuses = await randomRequests(observed, 10_000)

    const samples = await observed.samples()
    const requestSeries = samples.map(nameOfSeries).filter((name) => name.startsWith('http_server'))
    assert.deepEqual(
      requestSeries.filter((name) => !seriesBefore.includes(name)),
      [],
    )
    assert.deepEqual(
      [...statuses].filter((status) => status >= 500),
      [],
    )
    assert.equal(valueOf(samples, 'metrics_series_overflow_total'), 0)
    const grown = (await heapBytes(observed)) - bytesBefore
    assert.ok(grown < 10 * 1024 ** 2, `grown by ${grown} bytes`)
  })

  it('a thousand times garbage on the socket: 400, counted, and the process lives', async () => {
    await using observed = await startObserved()
    const { port } = observed.service

    let answered = 0
    for (let round = 0; round < 50; round += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => answerToGarbage(port)))
      answered += answers.filter((answer) => answer.startsWith('HTTP/1.1 400 ')).length
    }

    assert.equal(answered, 1000)
    const samples = await observed.samples()
    assert.equal(valueOf(samples, 'http_server_refused_requests_total'), 1000)
    await observed.service.waitForLine('warning', ({ msg }) => /^refused before/.test(msg ?? ''))
    const warnings = observed.service.lines.filter(({ msg }) => /^refused before/.test(msg ?? ''))
    assert.ok(warnings.length > 0 && warnings.length < 10, `${warnings.length} warnings`)
    assert.equal(valueOf(samples, 'http_server_request_duration_seconds_count'), 0)
    assert.equal((await fetch(`${observed.service.url}/livez`)).status, 200)
  })

  it('a label that a caller chooses cannot make series without end', async () => {
    await using observed = await startObserved()
    for (let sender = 0; sender < 20; sender += 1) {
      await fetch(`${observed.service.url}/parcels`, {
        method: 'POST',
        body: JSON.stringify({ sender: `sender-${sender}` }),
      })
    }

    const samples = await observed.samples()
    const parcels = samples.filter(({ name }) => name === 'parcels_total')
    assert.equal(parcels.length, 4)
    assert.equal(valueOf(samples, 'parcels_total', { sender: 'overflow' }), 17)
    assert.equal(valueOf(samples, 'metrics_series_overflow_total', { metric: 'parcels_total' }), 17)
  })

  it('line breaks and controls from a request forge no line, in JSON', async () => {
    await using observed = await startObserved()
    const word = 'a\nb\u2028c\u0085d\u009b31me'

    await fetch(`${observed.service.url}/log/${encodeURIComponent(word)}`)
    const line = await observed.service.waitForLine('after', ({ msg }) => msg === 'after')

    assert.equal(line['word'], word)
    assert.doesNotMatch(
      observed.service.stdout(),
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/,
    )
  })

  it('a body over the limit is 413, declared or not, and no bug', async () => {
    await using observed = await startObserved({ env: { MAX_BODY_BYTES: '1000' } })
    const url = `${observed.service.url}/upload`
    const chunks = () => new Blob([Buffer.alloc(600), Buffer.alloc(600)]).stream()

    const within = await fetch(url, { method: 'POST', body: Buffer.alloc(1000) })
    const declared = await fetch(url, { method: 'POST', body: Buffer.alloc(1001) })
    const chunked = await fetch(url, { method: 'POST', body: chunks(), duplex: 'half' })

    assert.equal(await within.text(), '1000')
    assert.equal(declared.status, 413)
    assert.equal(chunked.status, 413)
    assert.equal(((await chunked.json()) as { code: string }).code, 'body-too-large')
    await observed.service.stop()
    assert.ok(!observed.service.lines.some(({ level }) => level === 'error'))
  })
})

async function randomRequests(observed: ObservedService, count: number): Promise<Set<number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const statuses = new Set<number>()
  let left = count
  async function worker(): Promise<void> {
    while (left > 0) {
      left -= 1
      statuses.add(await randomRequest(observed.service.port, agent))
    }
  }
  await Promise.all(Array.from({ length: 32 }, worker))
  agent.destroy()
  return statuses
}

function randomRequest(port: number, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const path = `/${randomBytes(6).toString('hex')}?${randomBytes(4).toString('hex')}=1`
  const outgoing = request(
    {
      host: '127.0.0.1',
      port,
      agent,
      method: methods[Math.floor(Math.random() * methods.length)],
      path,
      headers: {
        [`x-${randomBytes(3).toString('hex')}`]: randomBytes(20).toString('base64'),
        'user-agent': randomBytes(10).toString('hex'),
        traceparent: randomBytes(20).toString('hex'),
      },
    },
    (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
  )
  outgoing.on('error', reject).end()
  return promise
}

async function answerToGarbage(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
  // The first byte is none that a method begins with, or the parser would wait for more.
  socket.write(Buffer.concat([Buffer.from([0x7f]), randomBytes(40), Buffer.from('\r\n\r\n')]))
  await once(socket, 'close')
  return answer
}

async function heapBytes(observed: ObservedService): Promise<number> {
  // What waits for its export is not kept for ever.
  while (valueOf(await observed.samples(), 'telemetry_queue_length') > 0) await sleep(50)
  // The fixture's order to collect garbage, so that what is left is what is kept.
  observed.service.signal('SIGUSR2')
  await sleep(300)
  return valueOf(await observed.samples(), 'nodejs_heap_size_used_bytes')
}

function nameOfSeries({ name, labels }: { name: string; labels: object }): string {
  return `${name} ${JSON.stringify(labels)}`
}
