// The collector's configuration in the real collector, which hands on to a receiver of ours instead of Jaeger and Loki.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { freePort } from './support/free-port.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'
import type { OtlpReceiver } from './support/otlp-receiver.ts'
import { missing, stackProgram } from './support/stack-program.ts'
import { waitUntil } from './support/wait-until.ts'

const layers = ['tail-sampling', 'vendor']
const traceId = '0af7651916cd43dd8448eb211c80319c'
const vendor = { VENDOR_HEADER: 'x-api-key', VENDOR_KEY: 'for-the-vendor' }

describe("the collector's configuration", { skip: missing('otelcol-contrib') }, () => {
  it('is valid, alone and with each layer', () => {
    for (const layer of ['config', ...layers]) {
      const { status, stderr } = spawnSync(
        stackProgram('otelcol-contrib'),
        [
          'validate',
          '--config=otel-collector/config.yaml',
          `--config=otel-collector/${layer}.yaml`,
        ],
        {
          encoding: 'utf8',
          env: { ...process.env, ...vendor, VENDOR_OTLP_ENDPOINT: 'http://localhost' },
        },
      )
      assert.equal(status, 0, `${layer}: ${stderr}`)
    }
  })

  it('lets no secret through, and nothing so long that Loki would refuse it', async () => {
    await using home = await startOtlpReceiver()
    await using collector = await startCollector(home)

    await collector.send('traces', {
      authorization: 'Bearer abc',
      'http.request.header.x-api-key': 'abc',
      'url.query': 'colour=teal&access_token=abc',
      'url.full': 'https://example.com/?page=2&api_key=abc#top',
      'http.route': '/orders/:id',
    })
    await collector.send('logs', {
      'db.password': 'abc',
      'exception.stacktrace': 'at line\n'.repeat(10_000),
      'url.query': 'colour=teal&access_token=abc',
      'http.route': '/orders/:id',
    })

    const span = await home.waitFor('the span', () => home.spans[0])
    assert.deepEqual(
      { ...span.attributes, authorization: '', 'http.request.header.x-api-key': '' },
      {
        authorization: '',
        'http.request.header.x-api-key': '',
        'url.query': 'colour=teal&access_token=[REDACTED]',
        'url.full': 'https://example.com/?page=2&api_key=[REDACTED]#top',
        'http.route': '/orders/:id',
      },
    )
    const record = await home.waitFor('the record', () => home.logs[0])
    assert.equal(record.attributes['http.route'], '/orders/:id')
    assert.equal(String(record.attributes['exception.stacktrace']).length, 8192)
    for (const { attributes } of [span, record]) {
      assert.doesNotMatch(JSON.stringify(attributes), /abc/)
    }
  })

  it('with the vendor layer sends everything to the vendor too, with the key', async () => {
    await using home = await startOtlpReceiver()
    await using away = await startOtlpReceiver()
    await using collector = await startCollector(home, ['otel-collector/vendor.yaml'], {
      ...vendor,
      VENDOR_OTLP_ENDPOINT: away.httpUrl,
    })

    await collector.send('traces', {})
    await collector.send('logs', {})

    for (const receiver of [home, away]) {
      const span = await receiver.waitFor('the span', () => receiver.spans[0])
      const record = await receiver.waitFor('the record', () => receiver.logs[0])
      assert.deepEqual([span.traceId, record.traceId], [traceId, traceId])
    }
    assert.ok(away.headers.every((headers) => headers['x-api-key'] === 'for-the-vendor'))
    assert.ok(home.headers.every((headers) => headers['x-api-key'] === undefined))
  })
})

/** Hands traces and logs to `home`; its files go to a folder of its own, its ports are free ones. */
async function startCollector(
  home: OtlpReceiver,
  furtherLayers: string[] = [],
  environment: Record<string, string> = {},
) {
  await using starting = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-collector-'))
  starting.defer(() => rmSync(folder, { recursive: true }))
  const port = await freePort()
  const healthPort = await freePort()
  writeFileSync(
    join(folder, 'test.json'),
    JSON.stringify({
      extensions: {
        health_check: { endpoint: `127.0.0.1:${healthPort}` },
        file_storage: { directory: folder },
      },
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: `127.0.0.1:${await freePort()}` },
            http: { endpoint: `127.0.0.1:${port}` },
          },
        },
      },
      exporters: {
        'otlp_grpc/jaeger': { endpoint: `127.0.0.1:${home.grpcPort}` },
        'otlp_http/loki': { endpoint: home.httpUrl },
        'otlp_http/prometheus': { endpoint: home.httpUrl },
      },
      service: { telemetry: { metrics: { level: 'none', readers: [] }, logs: { level: 'error' } } },
    }),
  )
  const files = ['otel-collector/config.yaml', ...furtherLayers, join(folder, 'test.json')]
  const child = spawn(
    stackProgram('otelcol-contrib'),
    files.map((file) => `--config=${file}`),
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(child, 'exit')
  starting.defer(async () => {
    child.kill()
    await ended
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  let healthy = false
  void askUntilHealthy(healthPort, () => child.exitCode === null && child.signalCode === null).then(
    (is) => (healthy = is),
  )
  await waitUntil(
    () => healthy,
    15_000,
    () => `the collector is not healthy: ${complaints}`,
  )

  const running = starting.move()

  return {
    async send(signal: 'traces' | 'logs', attributes: Record<string, string>): Promise<void> {
      const response = await fetch(`http://127.0.0.1:${port}/v1/${signal}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(signal === 'traces' ? oneSpan(attributes) : oneRecord(attributes)),
      })
      assert.equal(response.status, 200, await response.text())
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function askUntilHealthy(port: number, goesOn: () => boolean): Promise<boolean> {
  while (goesOn()) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (response?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

function oneSpan(attributes: Record<string, string>) {
  const nanos = `${Date.now()}000000`
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    name: 'GET /orders/:id',
    kind: 2,
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes: keyValues(attributes),
  }
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
}

function oneRecord(attributes: Record<string, string>) {
  const logRecord = {
    traceId,
    spanId: 'b7ad6b7169203331',
    timeUnixNano: `${Date.now()}000000`,
    body: { stringValue: 'sold' },
    attributes: keyValues(attributes),
  }
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] }
}

function keyValues(attributes: Record<string, string>) {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}
