import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'

import { valueOf } from './support/exposition.ts'
import {
  parcelService,
  promptExport,
  startObserved,
  traceIdOf,
} from './support/observed-service.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'
import { startService } from './support/service-process.ts'
import { startUpstream } from './support/upstream.ts'

const unsampledParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

for (const recorder of ['lean', 'standard'])
  describe(`OTEL_ variables, ${recorder} recorder`, { concurrency: 4 }, () => {
    it('OTEL_EXPORTER_OTLP_ENDPOINT alone sends spans and logs by gRPC', async () => {
      await using observed = await startObserved({ env: { TELEMETRY_RECORDER: recorder } })
      await observed.telemetryOf(traceIdOf(await fetch(`${observed.service.url}/parcels/1`)))

      assert.deepEqual(
        [...new Set(observed.receiver.headers.map((call) => call['(protocol)']))],
        ['grpc'],
      )
    })

    it('OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf sends both by HTTP', async () => {
      await using receiver = await startOtlpReceiver()
      await using service = await startService({
        main: parcelService,
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl,
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
          ...promptExport,
        },
      })
      const traceId = traceIdOf(await fetch(`${service.url}/parcels/1`))

      await receiver.waitFor('span', () => receiver.spans.find((span) => span.traceId === traceId))
      await receiver.waitFor('log', () => receiver.logs.find((log) => log.traceId === traceId))
      assert.ok(receiver.headers.every((call) => call['(protocol)'] === 'http/protobuf'))
    })

    it('signals have endpoints and protocols of their own', async () => {
      await using receiver = await startOtlpReceiver()
      await using service = await startService({
        main: parcelService,
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.grpcUrl,
          OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.httpUrl}/v1/logs`,
          OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
          ...promptExport,
        },
      })
      await fetch(`${service.url}/parcels/1`)
      await receiver.waitFor('span', () => receiver.spans.length > 0)
      await receiver.waitFor('log', () => receiver.logs.length > 0)

      const calls = new Set(
        receiver.headers.map((call) => `${call['(signal)']} ${call['(protocol)']}`),
      )
      assert.deepEqual([...calls].toSorted(), ['logs http/protobuf', 'traces grpc'])
    })

    it('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT alone sends no logs', async () => {
      await using receiver = await startOtlpReceiver()
      await using service = await startService({
        main: parcelService,
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.grpcUrl,
          ...promptExport,
        },
      })
      await fetch(`${service.url}/parcels/1`)
      await receiver.waitFor('span', () => receiver.spans.length > 0)
      await service.stop()

      assert.deepEqual(receiver.logs, [])
      assert.equal(service.stderr(), '')
    })

    it('OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_COMPRESSION', async () => {
      await using receiver = await startOtlpReceiver()
      await using service = await startService({
        main: parcelService,
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl,
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
          OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue,authorization=Basic%20abc',
          OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
          ...promptExport,
        },
      })
      await fetch(`${service.url}/parcels/1`)
      await receiver.waitFor('span', () => receiver.spans.length > 0)

      const [call] = receiver.headers
      assert.equal(call?.['x-tenant'], 'blue')
      assert.equal(call?.['authorization'], 'Basic abc')
      assert.equal(call?.['content-encoding'], 'gzip')
    })

    it('OTEL_EXPORTER_OTLP_HEADERS by gRPC', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue' },
      })
      await observed.receiver.waitFor('call', () => observed.receiver.headers.length > 0)

      assert.equal(observed.receiver.headers[0]?.['x-tenant'], 'blue')
    })

    it('OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES', async () => {
      await using observed = await startObserved({
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_SERVICE_NAME: 'warehouse',
          OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=blue%20team',
          VERSION: '4.5.6',
        },
      })
      const { span, accessLine, accessRecord } = await observed.telemetryOf(
        traceIdOf(await fetch(`${observed.service.url}/parcels/1`)),
      )

      assert.equal(span.resource['service.name'], 'warehouse')
      assert.equal(span.resource['service.version'], '4.5.6')
      assert.equal(span.resource['deployment.environment.name'], 'test')
      assert.equal(span.resource['team'], 'blue team')
      assert.match(String(span.resource['service.instance.id']), /^[0-9a-f-]{36}$/)
      assert.deepEqual(accessRecord.resource, span.resource)
      assert.equal(accessLine['service'], 'warehouse')
      // The SDK's own choice would send these along.
      assert.ok(!('process.command_args' in span.resource))
      assert.ok(!('process.owner' in span.resource))
    })

    it('service.name may come from OTEL_RESOURCE_ATTRIBUTES', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_RESOURCE_ATTRIBUTES: 'service.name=warehouse' },
      })
      const { span, accessLine } = await observed.telemetryOf(
        traceIdOf(await fetch(`${observed.service.url}/parcels/1`)),
      )

      assert.equal(span.resource['service.name'], 'warehouse')
      assert.equal(accessLine['service'], 'warehouse')
    })

    it('OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG', async () => {
      await using observed = await startObserved({
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_TRACES_SAMPLER: 'traceidratio',
          OTEL_TRACES_SAMPLER_ARG: '0.2',
        },
      })
      for (let index = 0; index < 200; index += 1) {
        await (await fetch(`${observed.service.url}/parcels/${index}`)).text()
      }
      await observed.service.stop()

      const sampled = observed.receiver.spans.length
      assert.ok(sampled > 10 && sampled < 80, `${sampled} of 200`)
      const lines = observed.service.lines.filter((line) => 'duration_ms' in line)
      assert.equal(lines.length, 200)
    })

    it('OTEL_TRACES_SAMPLER=always_on samples what the caller did not', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_TRACES_SAMPLER: 'always_on' },
      })
      const { span } = await observed.telemetryOf(
        traceIdOf(
          await fetch(`${observed.service.url}/parcels/1`, {
            headers: { traceparent: unsampledParent },
          }),
        ),
      )

      assert.equal(span.traceId, '0af7651916cd43dd8448eb211c80319c')
    })

    it('OTEL_PROPAGATORS=b3multi continues and sends B3', async () => {
      await using upstream = await startUpstream()
      await using observed = await startObserved({
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_PROPAGATORS: 'b3multi',
          UPSTREAM_URL: upstream.url,
        },
      })
      const response = await fetch(`${observed.service.url}/relay`, {
        headers: {
          'x-b3-traceid': '463ac35c9f6413ad48485a3953bb6124',
          'x-b3-spanid': 'a2fb4a1d1a96d312',
          'x-b3-sampled': '1',
        },
      })

      assert.equal(traceIdOf(response), '463ac35c9f6413ad48485a3953bb6124')
      assert.equal(upstream.headers[0]?.['x-b3-traceid'], '463ac35c9f6413ad48485a3953bb6124')
      assert.equal(upstream.headers[0]?.['traceparent'], undefined)
    })

    it('OTEL_TRACES_EXPORTER=console writes one JSON line a span to stderr, and none to stdout', async () => {
      await using service = await startService({
        main: parcelService,
        env: { TELEMETRY_RECORDER: recorder, OTEL_TRACES_EXPORTER: 'console' },
      })
      const traceId = traceIdOf(await fetch(`${service.url}/parcels/1?token=abc`))
      await service.stop()

      const lines = service.stderr().trimEnd().split('\n')
      assert.equal(lines.length, 1)
      const span = JSON.parse(lines[0] ?? '') as Record<string, unknown>
      assert.equal(span['name'], 'GET /parcels/:id')
      assert.equal(span['trace_id'], traceId)
      assert.equal(span['kind'], 'SERVER')
    })

    it('OTEL_TRACES_EXPORTER=none and OTEL_LOGS_EXPORTER=none send nothing', async () => {
      await using observed = await startObserved({
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_TRACES_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
        },
      })
      traceIdOf(await fetch(`${observed.service.url}/parcels/1`))
      await observed.service.stop()

      assert.deepEqual(observed.receiver.headers, [])
    })

    it('OTEL_SDK_DISABLED=true: no ids and nothing sent, but lines and measurements', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_SDK_DISABLED: 'true' },
      })
      const response = await fetch(`${observed.service.url}/parcels/1`)
      const missing = await fetch(`${observed.service.url}/nowhere`)
      const line = await observed.service.waitForLine('access', (found) => 'duration_ms' in found)

      assert.equal(response.status, 200)
      assert.equal(response.headers.get('x-trace-id'), null)
      assert.ok(!('trace_id' in ((await missing.json()) as object)))
      assert.ok(!('trace_id' in line))
      const samples = await observed.samples()
      assert.ok(samples.some(({ name }) => name === 'http_server_request_duration_seconds_count'))
      await observed.service.stop()
      assert.deepEqual(observed.receiver.headers, [])
      assert.equal(observed.service.stderr(), '')
    })

    it('OTEL_BSP_ and OTEL_BLRP_ sizes and delays', async () => {
      await using observed = await startObserved({
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
          OTEL_BSP_SCHEDULE_DELAY: '60000',
          OTEL_BLRP_SCHEDULE_DELAY: '60000',
        },
      })
      for (let index = 0; index < 4; index += 1)
        await fetch(`${observed.service.url}/parcels/${index}`)
      await sleep(300)
      assert.deepEqual(observed.receiver.spans, [])
      await fetch(`${observed.service.url}/parcels/5`)

      await observed.receiver.waitFor('a full batch', () => observed.receiver.spans.length === 5)
      assert.deepEqual(observed.receiver.logs, [])
    })

    it('span limits apply', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5' },
      })
      const { span } = await observed.telemetryOf(
        traceIdOf(await fetch(`${observed.service.url}/parcels/123456`)),
      )

      assert.equal(span.attributes['url.path'], '/parc')
    })

    it('no metrics leave by OTLP', async () => {
      const other = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
      const paths: (string | undefined)[] = []
      other.on('request', ({ url }) => paths.push(url))
      await new Promise((resolve) => other.once('listening', resolve))
      const { port } = other.address() as AddressInfo
      await using service = await startService({
        main: parcelService,
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        },
      })
      await fetch(`${service.url}/parcels/1`)
      await service.stop()
      other.close()

      assert.deepEqual([...new Set(paths)].toSorted(), ['/v1/logs', '/v1/traces'])
    })

    it('OTEL_TRACES_EXPORTER takes a list', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_TRACES_EXPORTER: 'otlp,console' },
      })
      const { span } = await observed.telemetryOf(
        traceIdOf(await fetch(`${observed.service.url}/parcels/1`)),
      )

      assert.match(observed.service.stderr(), new RegExp(`^\\{.*"${span.spanId}".*\\}\n$`))
    })

    it('OTEL_EXPORTER_OTLP_TIMEOUT bounds one attempt, OTEL_BSP_EXPORT_TIMEOUT all of them', async () => {
      await using observed = await startObserved({
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_TIMEOUT: '150',
          OTEL_BSP_EXPORT_TIMEOUT: '500',
          OTEL_LOGS_EXPORTER: 'none',
        },
      })
      observed.receiver.setMode('silent')
      const started = performance.now()
      await fetch(`${observed.service.url}/parcels/1`)
      const begin = await observed.service.waitForLine(
        'begin of the outage',
        ({ msg }) => msg === 'telemetry: spans do not leave',
      )

      assert.match(String(begin['reason']), /deadline/i)
      assert.ok(performance.now() - started < 2000)
      while (performance.now() - started < 3000) {
        const lost = valueOf(await observed.samples(), 'telemetry_dropped_total', {
          signal: 'spans',
          reason: 'export_failed',
        })
        if (lost === 1) return
        await sleep(50)
      }
      assert.fail('the batch was not given up')
    })

    it('OTEL_EXPORTER_OTLP_CERTIFICATE is trusted, and the client shows its own', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'plainsight-tls-'))
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
      const { status } = spawnSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '1',
          '-subj',
          '/CN=localhost',
        ].concat(['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate]),
        { stdio: 'ignore' },
      )
      assert.equal(status, 0)
      const pem = { key: readFileSync(key), cert: readFileSync(certificate) }
      const clients: boolean[] = []
      const other = createTlsServer(
        { ...pem, ca: pem.cert, requestCert: true },
        (request, response) => {
          clients.push((request.socket as TLSSocket).authorized)
          response.end()
        },
      ).listen(0, 'localhost')
      await new Promise((resolve) => other.once('listening', resolve))

      await using service = await startService({
        main: parcelService,
        env: {
          TELEMETRY_RECORDER: recorder,
          OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${(other.address() as AddressInfo).port}`,
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
          OTEL_EXPORTER_OTLP_CERTIFICATE: certificate,
          OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate,
          OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
          ...promptExport,
        },
      })
      await fetch(`${service.url}/parcels/1`)
      await service.stop()
      other.close()
      rmSync(folder, { recursive: true })

      assert.ok(clients.length >= 2)
      assert.ok(clients.every(Boolean))
    })

    it('OTEL_LOG_LEVEL lets the SDK speak, on stdout as lines', async () => {
      await using observed = await startObserved({
        env: { TELEMETRY_RECORDER: recorder, OTEL_LOG_LEVEL: 'DEBUG', LOG_LEVEL: 'debug' },
      })
      await fetch(`${observed.service.url}/parcels/1`)

      await observed.service.waitForLine('diagnostics', ({ msg }) =>
        /^opentelemetry: /.test(msg ?? ''),
      )
      assert.ok(!observed.receiver.logs.some(({ body }) => /^opentelemetry: /.test(String(body))))
      assert.equal(observed.service.stderr(), '')
    })
  })
