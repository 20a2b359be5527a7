import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'

import { parcelService } from './support/observed-service.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'
import { runToEnd, startService } from './support/service-process.ts'

describe('a start that fails', { concurrency: true }, () => {
  it('lists every mistake of kernel and service in one message and opens nothing', async () => {
    const { code, stderr, stdout } = await runToEnd({
      main: parcelService,
      env: {
        PORT: 'banana',
        LOG_LEVEL: 'loud',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
        TRUSTED_PROXIES: '10.0.0.0/99',
        UPSTREAM_URL: 'nowhere',
      },
    })

    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^Cannot start: 5 settings are wrong\.\n/)
    assert.match(stderr, /^ {2}PORT: expected a port number from 0 to 65535, got "banana"$/m)
    assert.match(stderr, /^ {2}LOG_LEVEL: expected one of trace, .*got "loud"$/m)
    assert.match(
      stderr,
      /^ {2}OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL such as http:.*got "collector:4317"$/m,
    )
    assert.match(stderr, /^ {2}TRUSTED_PROXIES: expected IP addresses.*got "10\.0\.0\.0\/99"$/m)
    assert.match(stderr, /^ {2}UPSTREAM_URL: /m)
    assert.equal(stderr.trimEnd().split('\n').length, 6)
  })

  it('because the port is taken: one sentence that names the setting', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo

    const { code, stderr, stdout } = await runToEnd({
      main: parcelService,
      env: { PORT: String(port) },
    })
    other.close()

    assert.equal(code, 1)
    assert.equal(
      stderr,
      `Cannot start: another process listens on 127.0.0.1:${port} already; stop it or set PORT.\n`,
    )
    // What the service had opened was closed again.
    assert.match(stdout, /parcels: resource closed/)
  })

  it('because OPS_PORT is taken: the same, by its name', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo

    const { code, stderr } = await runToEnd({
      main: parcelService,
      env: { OPS_PORT: String(port) },
    })
    other.close()

    assert.equal(code, 1)
    assert.match(stderr, /set OPS_PORT\.\n$/)
  })

  it('because the service throws: one sentence, a fatal record, and what was opened is closed', async () => {
    await using receiver = await startOtlpReceiver()
    const { code, stderr, stdout } = await runToEnd({
      main: parcelService,
      env: { BEHAVIOUR: 'throw', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl },
    })

    assert.equal(code, 1)
    assert.equal(stderr, 'Cannot start: the service failed with "the warehouse is locked".\n')
    assert.match(stdout, /"level":"fatal".*the warehouse is locked/)
    assert.match(stdout, /parcels: resource closed/)
    const fatal = await receiver.waitFor('fatal record', () =>
      receiver.logs.find(({ severityText }) => severityText === 'fatal'),
    )
    assert.match(String(fatal.attributes['exception.stacktrace']), /service\.ts/)
  })
})

describe('a start that succeeds', () => {
  it('is quick, prints nothing but JSON on stdout and nothing on stderr', async () => {
    await using service = await startService({ main: parcelService })

    assert.equal((await fetch(`${service.url}/startupz`)).status, 200)
    assert.equal(service.stderr(), '')
    await service.waitForLine('ready', ({ msg }) => msg === 'ready')
    const [listening, ready] = service.lines
    assert.equal(listening?.msg, 'listening')
    assert.ok(Number(listening?.['start_ms']) < 3000)
    assert.deepEqual(listening?.['exports'], [])
    assert.equal(ready?.msg, 'ready')
  })
})

describe('a crash', { concurrency: true }, () => {
  it('of an uncaught exception: a fatal record that arrives, and 1', async () => {
    await crashesBy('/crash', 'nobody caught this', 'uncaughtException')
  })

  it('of an unhandled rejection: the same', async () => {
    await crashesBy('/reject', 'nobody awaited this', 'unhandledRejection')
  })
})

async function crashesBy(path: string, message: string, origin: string): Promise<void> {
  await using receiver = await startOtlpReceiver()
  await using service = await startService({
    main: parcelService,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl },
  })

  await fetch(`${service.url}${path}`, { method: 'POST' }).catch(() => {})
  const { code } = await service.exited

  assert.equal(code, 1)
  const fatal = service.lines.find(({ level }) => level === 'fatal')
  assert.equal(fatal?.['origin'], origin)
  assert.match(JSON.stringify(fatal?.['err']), new RegExp(message))
  assert.ok(
    receiver.logs.some(
      ({ severityText, attributes }) =>
        severityText === 'fatal' && attributes['exception.message'] === message,
    ),
  )
}
