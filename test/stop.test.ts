import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { valueOf } from './support/exposition.ts'
import { parcelService, startObserved, traceIdOf } from './support/observed-service.ts'
import type { ObservedService } from './support/observed-service.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'
import { startService } from './support/service-process.ts'

describe('SIGTERM', { concurrency: true }, () => {
  it('lets a request under way finish, sends its telemetry and ends with 0', async () => {
    // The queues would wait for seconds: what arrives was flushed.
    await using observed = await startObserved({
      env: {
        DRAIN_SECONDS: '1',
        OTEL_BSP_SCHEDULE_DELAY: '60000',
        OTEL_BLRP_SCHEDULE_DELAY: '60000',
      },
    })
    const { service, receiver } = observed
    const answer = fetch(`${service.url}/slow?ms=1000`)
    await underWay(observed)

    service.signal('SIGTERM')
    await service.waitForLine('stopping', ({ msg }) => msg === 'stopping')
    const [ready, live, other] = await Promise.all([
      fetch(`${service.url}/readyz`),
      fetch(`${service.url}/livez`),
      fetch(`${service.url}/parcels/1`),
    ])
    const response = await answer
    const { code } = await service.exited

    assert.equal(ready.status, 503)
    assert.equal(((await ready.json()) as { status: string }).status, 'draining')
    assert.equal(live.status, 200)
    assert.equal(other.status, 200)
    assert.equal(other.headers.get('connection'), 'close')
    assert.equal(response.status, 200)
    assert.equal(await response.text(), 'slow but sure')
    assert.equal(code, 0)
    const traceId = traceIdOf(response)
    assert.equal(receiver.spans.filter((span) => span.traceId === traceId).length, 1)
    assert.equal(receiver.logs.filter((record) => record.traceId === traceId).length, 1)
    assert.deepEqual(
      service.lines.slice(-2).map(({ msg }) => msg),
      ['parcels: resource closed', 'stopped'],
    )
    assert.ok(receiver.logs.some(({ body }) => body === 'stopped'))
  })

  it('refuses new connections once drained, while the request under way goes on', async () => {
    await using observed = await startObserved()
    const { service } = observed
    const answer = fetch(`${service.url}/slow?ms=800`)
    await underWay(observed)

    service.signal('SIGTERM')
    await service.waitForLine('stopping', ({ msg }) => msg === 'stopping')
    await sleep(100)

    await assert.rejects(fetch(`${service.url}/livez`))
    assert.equal((await answer).status, 200)
    assert.equal((await service.exited).code, 0)
  })

  it('keeps the probes of OPS_PORT until the last request is answered', async () => {
    await using observed = await startObserved({ env: { OPS_PORT: '0' } })
    const { service } = observed
    const answer = fetch(`${service.url}/slow?ms=800`)
    await underWay(observed)

    service.signal('SIGTERM')
    await service.waitForLine('stopping', ({ msg }) => msg === 'stopping')
    await sleep(100)

    assert.equal((await fetch(`${service.opsUrl}/livez`)).status, 200)
    assert.equal((await fetch(`${service.opsUrl}/readyz`)).status, 503)
    assert.equal((await answer).status, 200)
    assert.equal((await service.exited).code, 0)
  })

  it('does not wait for idle keep-alive connections', async () => {
    await using observed = await startObserved()
    const agent = new Agent({ keepAlive: true })
    await answerTo(`${observed.service.url}/parcels/1`, agent)

    const started = performance.now()
    const { code } = await observed.service.stop()

    agent.destroy()
    assert.equal(code, 0)
    assert.ok(performance.now() - started < 1000)
  })

  it('cuts a request off that outlasts the grace', async () => {
    await using observed = await startObserved({ env: { GRACE_SECONDS: '0.5' } })
    const { service, receiver } = observed
    const answer = fetch(`${service.url}/slow?ms=20000`)
    answer.catch(() => {})
    await underWay(observed)

    const started = performance.now()
    const { code } = await service.stop()

    assert.equal(code, 0)
    assert.ok(performance.now() - started < 1500)
    await assert.rejects(answer)
    assert.ok(receiver.spans.some(({ name }) => name === 'GET /slow'))
  })

  it('goes on without a resource that never closes, and says so', async () => {
    await using observed = await startObserved({
      env: { BEHAVIOUR: 'hang', GRACE_SECONDS: '0.5' },
    })

    const { code } = await observed.service.stop()

    assert.equal(code, 0)
    assert.ok(observed.service.lines.some(({ msg }) => msg === 'resources did not close in time'))
  })

  it('a second signal ends the process at once, with 1', async () => {
    await using observed = await startObserved({ env: { DRAIN_SECONDS: '30' } })
    const { service } = observed
    service.signal('SIGTERM')
    await service.waitForLine('stopping', ({ msg }) => msg === 'stopping')
    await sleep(200)

    const started = performance.now()
    service.signal('SIGINT')
    const { code } = await service.exited

    assert.equal(code, 1)
    assert.ok(performance.now() - started < 500)
  })

  it('ends a start that still waits for something', async () => {
    const child = spawn(process.execPath, [parcelService], {
      env: { PORT: '0', BEHAVIOUR: 'wait' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    while (!output.includes('parcels: waiting')) await once(child.stdout, 'data')

    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')

    assert.equal(code, 0)
    assert.match(output, /parcels: resource closed.*\n.*stopped/)
  })

  it('SIGINT stops it the same way', async () => {
    await using observed = await startObserved()

    observed.service.signal('SIGINT')

    assert.equal((await observed.service.exited).code, 0)
  })
})

describe('the end of the process when telemetry cannot leave', { concurrency: true }, () => {
  const flushSeconds = 1

  async function exitMillis(endpoint: string, drainSeconds = 0): Promise<number> {
    await using service = await startService({
      main: parcelService,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        FLUSH_SECONDS: String(flushSeconds),
        DRAIN_SECONDS: String(drainSeconds),
      },
    })
    const paths = Array.from({ length: 2000 }, (_, index) => `${service.url}/parcels/${index}`)
    for (let start = 0; start < paths.length; start += 100) {
      await Promise.all(
        paths.slice(start, start + 100).map(async (path) => (await fetch(path)).text()),
      )
    }

    const started = performance.now()
    const { code } = await service.stop()
    const millis = performance.now() - started

    assert.equal(code, 0)
    assert.equal(service.stderr(), '')
    const { msg, unsent } = service.lines.at(-1) ?? {}
    assert.equal(msg, 'telemetry was left unsent')
    assert.ok((unsent as { spans: number }).spans > 1000)
    return millis
  }

  it('refused: within drain and flush, half a second spared', async () => {
    assert.ok((await exitMillis('http://127.0.0.1:9', 1)) < (1 + flushSeconds + 0.5) * 1000)
  })

  it('taken and never answered: the same', async () => {
    await using receiver = await startOtlpReceiver({ mode: 'silent' })
    assert.ok((await exitMillis(receiver.grpcUrl)) < (flushSeconds + 0.5) * 1000)
  })
})

/** Until the service has begun with a request. */
async function underWay(observed: ObservedService): Promise<void> {
  while (valueOf(await observed.samples(), 'http_server_active_requests') === 0) await sleep(10)
}

function answerTo(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => response.resume().on('end', () => resolve(response))).on(
      'error',
      reject,
    )
  })
}
