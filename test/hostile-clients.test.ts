import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { valueOf } from './support/exposition.ts'
import { startObserved } from './support/observed-service.ts'
import type { ObservedService } from './support/observed-service.ts'

describe('clients that do what they should not', { concurrency: true }, () => {
  it('CONNECT and stay: answered, counted, and no reason not to stop', async () => {
    await using observed = await startObserved()
    const socket = await connected(observed)
    socket.write('CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n')
    await once(socket, 'data')

    const started = performance.now()
    const { code } = await observed.service.stop()

    socket.destroy()
    assert.equal(code, 0)
    assert.ok(performance.now() - started < 1500)
  })

  it('pipeline and leave: nothing is our bug, and no status is made up', async () => {
    await using observed = await startObserved()
    const socket = await connected(observed)
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
    socket.write(get('/slow?ms=300') + get('/parcels/1') + get('/parcels/2'))
    await sleep(100)
    socket.destroy()

    await waitForLines(observed, 3)
    const lines = accessLines(observed)
    assert.deepEqual(
      lines.map((line) => [line.level, line['error.type'], line['http.response.status_code']]),
      Array.from({ length: 3 }, () => ['info', 'client_disconnected', undefined]),
    )
  })

  it('break an upload off: one line, and no error', async () => {
    await using observed = await startObserved()
    const socket = await connected(observed)
    socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    await sleep(100)
    socket.destroy()

    await waitForLines(observed, 1)
    await sleep(100)
    assert.deepEqual(
      observed.service.lines.filter(({ level }) => level === 'error'),
      [],
    )
    assert.equal(accessLines(observed)[0]?.['error.type'], 'client_disconnected')
  })

  it('send their body a byte a second: 408, which the record tells', async () => {
    await using observed = await startObserved({
      env: { REQUEST_TIMEOUT_SECONDS: '1', HEADERS_TIMEOUT_SECONDS: '1' },
    })
    const socket = await connected(observed)
    socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]

    assert.match(String(answer), /^HTTP\/1\.1 408 /)
    await waitForLines(observed, 1)
    const [line] = accessLines(observed)
    assert.equal(line?.['http.response.status_code'], 408)
    assert.equal(line?.['error.type'], 'timeout')
    assert.equal(
      valueOf(await observed.samples(), 'http_server_refused_requests_total', {
        reason: 'timeout',
      }),
      1,
    )
    socket.destroy()
  })

  it('send garbage behind a request: it is answered, then the connection ends', async () => {
    await using observed = await startObserved()
    const socket = await connected(observed)
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += String(chunk)))
    socket.write('GET /slow?ms=200 HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n')
    await once(socket, 'end')
    socket.destroy()

    assert.match(answer, /^HTTP\/1\.1 200 OK/)
    assert.match(answer, /slow but sure/)
    await waitForLines(observed, 1)
    assert.equal(accessLines(observed)[0]?.['http.response.status_code'], 200)
  })
})

describe('handlers that do what they should not', { concurrency: true }, () => {
  it('a body that fails with a text ends in one record, and the process lives', async () => {
    await using observed = await startObserved()

    await (await fetch(`${observed.service.url}/broken-stream/text`)).text().catch(() => {})
    await waitForLines(observed, 1)

    const [line] = accessLines(observed)
    assert.equal(line?.level, 'error')
    assert.equal(line?.['error.type'], 'NonError')
    assert.equal((await fetch(`${observed.service.url}/livez`)).status, 200)
    assert.equal(valueOf(await observed.samples(), 'http_server_active_requests'), 0)
  })

  it('an error without a message is a bug like any other', async () => {
    await using observed = await startObserved()

    const response = await fetch(`${observed.service.url}/bug/speechless`)

    assert.equal(response.status, 500)
    await waitForLines(observed, 1)
    assert.equal((await fetch(`${observed.service.url}/livez`)).status, 200)
  })

  it('a metric that fails to be collected is told', async () => {
    await using observed = await startObserved({ env: { BEHAVIOUR: 'broken-metric' } })

    const response = await fetch(`${observed.service.url}/metrics`)

    assert.equal(response.status, 500)
    const line = await observed.service.waitForLine(
      'failed outside',
      ({ msg }) => msg === 'failed outside of a recorded request',
    )
    assert.match(JSON.stringify(line['err']), /the scale is broken/)
  })
})

async function connected(observed: ObservedService): Promise<Socket> {
  const socket = connect({ port: observed.service.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function accessLines({ service }: ObservedService) {
  return service.lines.filter((line) => 'duration_ms' in line)
}

async function waitForLines(observed: ObservedService, count: number): Promise<void> {
  await observed.receiver.waitFor(
    `${count} access lines`,
    () => accessLines(observed).length >= count,
  )
}
