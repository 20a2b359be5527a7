import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { freePort } from './support/free-port.ts'
import { samplesOf, valueOf } from './support/exposition.ts'
import type { Sample } from './support/exposition.ts'
import { parcelService, promptExport } from './support/observed-service.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'
import type { OtlpReceiver } from './support/otlp-receiver.ts'
import { startService } from './support/service-process.ts'
import type { LogLine, ServiceProcess } from './support/service-process.ts'

for (const recorder of ['lean', 'standard'])
  describe(`telemetry about telemetry, ${recorder} recorder`, { concurrency: true }, () => {
    it('counts what was created and exported, and when that last worked', async () => {
      await using receiver = await startOtlpReceiver()
      await using service = await startSending(recorder, receiver)
      await requests(service, 10)
      const samples = await samplesWhen(service, (now) => counted(now, 'exported', 'spans') === 10)

      assert.equal(counted(samples, 'created', 'spans'), 10)
      assert.ok(counted(samples, 'created', 'logs') >= 12)
      assert.equal(counted(samples, 'dropped', 'spans'), 0)
      assert.equal(valueOf(samples, 'telemetry_queue_length', { signal: 'spans' }), 0)
      const lastSuccess = valueOf(samples, 'telemetry_last_success_timestamp_seconds', {
        signal: 'spans',
      })
      assert.ok(Math.abs(lastSuccess - Date.now() / 1000) < 10)
      assert.ok(
        valueOf(samples, 'telemetry_export_duration_seconds_count', { signal: 'spans' }) > 0,
      )
    })

    it('says once that exports fail and once that they work again, with what was lost', async () => {
      await using receiver = await startOtlpReceiver({ mode: 'reject' })
      await using service = await startSending(recorder, receiver)
      for (let batch = 0; batch < 5; batch += 1) {
        await requests(service, 3)
        await sleep(60)
      }
      await samplesWhen(service, (now) => counted(now, 'dropped', 'spans') === 15)
      receiver.setMode('accept')
      await requests(service, 1)
      await service.waitForLine('end', ({ msg }) => msg === 'telemetry: spans leave again')
      await service.waitForLine('end', ({ msg }) => msg === 'telemetry: logs leave again')

      const said = service.lines.filter(
        ({ msg, signal }) => /^telemetry/.test(msg ?? '') && signal === 'spans',
      )
      assert.deepEqual(
        said.map(({ level, msg, lost }) => [level, msg, lost]),
        [
          ['warn', 'telemetry: spans do not leave', undefined],
          ['info', 'telemetry: spans leave again', 15],
        ],
      )
      // The line belongs to no request, though one of them started the timer of the batch.
      assert.ok(said.every((line) => !('trace_id' in line)))
      const samples = await samplesNow(service)
      assert.equal(
        valueOf(samples, 'telemetry_dropped_total', { signal: 'spans', reason: 'export_failed' }),
        15,
      )
    })

    it('a collector that comes back in time loses nothing', async () => {
      await using receiver = await startOtlpReceiver({ mode: 'unavailable' })
      await using service = await startSending(recorder, receiver)
      await requests(service, 20)
      await service.waitForLine('begin', ({ msg }) => msg === 'telemetry: spans do not leave')
      receiver.setMode('accept')

      await receiver.waitFor('all twenty spans', () => receiver.spans.length === 20)
      const samples = await samplesWhen(service, (now) => counted(now, 'exported', 'spans') === 20)
      assert.equal(counted(samples, 'dropped', 'spans'), 0)
      const end = await service.waitForLine(
        'end',
        ({ msg }) => msg === 'telemetry: spans leave again',
      )
      assert.equal(end['lost'], 0)
    })

    it('what a collector refuses of a batch is counted', async () => {
      await using receiver = await startOtlpReceiver({ mode: 'partial' })
      await using service = await startSending(recorder, receiver)
      await requests(service, 1)

      const samples = await samplesWhen(service, (now) => counted(now, 'exported', 'spans') === 1)
      assert.equal(
        valueOf(samples, 'telemetry_dropped_total', { signal: 'spans', reason: 'rejected' }),
        1,
      )
      const line = await service.waitForLine('refusal', ({ msg }) =>
        /refused a part/.test(msg ?? ''),
      )
      assert.equal(line['reason'], 'one too many')
    })

    it('with no endpoint nothing is sent, nothing complains, and ids exist', async () => {
      await using service = await startService({
        main: parcelService,
        env: { TELEMETRY_RECORDER: recorder },
      })
      const response = await fetch(`${service.url}/parcels/1`)
      await service.stop()

      assert.match(response.headers.get('x-trace-id') ?? '', /^[0-9a-f]{32}$/)
      assert.equal(service.stderr(), '')
      assert.ok(service.lines.every(({ level }) => level === 'info'))
    })
  })

describe('a collector that takes nothing', { concurrency: true }, () => {
  it('a full queue drops the newest, counted', async () => {
    await using receiver = await startOtlpReceiver({ mode: 'silent' })
    await using service = await startSending('standard', receiver, {
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      OTEL_BSP_SCHEDULE_DELAY: '0',
      FLUSH_SECONDS: '0.2',
    })
    await requests(service, 50)

    const samples = await samplesNow(service)
    const dropped = valueOf(samples, 'telemetry_dropped_total', {
      signal: 'spans',
      reason: 'queue_full',
    })
    assert.equal(valueOf(samples, 'telemetry_queue_length', { signal: 'spans' }), 10)
    // Created is either dropped, waiting, or in the one batch under way.
    assert.ok(dropped >= 35 && dropped <= 39, `${dropped} dropped`)
    assert.equal(counted(samples, 'created', 'spans'), 50)
  })

  it('of one signal leaves the other its part of the bytes', async () => {
    await using receiver = await startOtlpReceiver()
    await using service = await startService({
      main: parcelService,
      env: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.grpcUrl,
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
        TELEMETRY_BUFFER_BYTES: '2097152',
        FLUSH_SECONDS: '0.2',
        ...promptExport,
      },
    })
    await requests(service, 6000)

    const samples = await samplesWhen(service, (now) => counted(now, 'exported', 'spans') === 6000)
    assert.equal(counted(samples, 'exported', 'spans'), 6000)
    assert.ok(counted(samples, 'dropped', 'logs') > 500)
  })

  it('the lean recorder holds the bytes that it may, and counts the newest as dropped', async () => {
    await using receiver = await startOtlpReceiver({ mode: 'silent' })
    await using service = await startSending('lean', receiver, {
      TELEMETRY_BUFFER_BYTES: '1048576',
      OTEL_BSP_SCHEDULE_DELAY: '10000',
      OTEL_BLRP_SCHEDULE_DELAY: '10000',
      FLUSH_SECONDS: '0.2',
    })
    await requests(service, 2500)

    const samples = await samplesNow(service)
    for (const signal of ['spans', 'logs']) {
      const dropped = valueOf(samples, 'telemetry_dropped_total', { signal, reason: 'queue_full' })
      // A mebibyte for both, some hundred bytes a record.
      assert.ok(dropped > 500 && dropped < 2000, `${dropped} ${signal} dropped`)
      assert.ok(counted(samples, 'created', signal) >= 2500)
      assert.equal(counted(samples, 'exported', signal), 0)
    }
    const { unsent } = (await stopped(service)) as { unsent: Record<string, number> }
    const created = counted(samples, 'created', 'spans')
    const dropped = counted(samples, 'dropped', 'spans')
    assert.equal(unsent['spans'], created - dropped)
  })
})

async function stopped(service: ServiceProcess): Promise<LogLine> {
  await service.stop()
  return service.waitForLine('what was left', ({ msg }) => msg === 'telemetry was left unsent')
}

function startSending(
  recorder: string,
  receiver: OtlpReceiver,
  env: Record<string, string> = {},
): Promise<ServiceProcess> {
  return startService({
    main: parcelService,
    env: {
      TELEMETRY_RECORDER: recorder,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      ...promptExport,
      ...env,
    },
  })
}

async function requests(service: ServiceProcess, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await (await fetch(`${service.url}/parcels/${index}`)).text()
  }
}

async function samplesNow(service: ServiceProcess): Promise<Sample[]> {
  return samplesOf(await (await fetch(`${service.url}/metrics`)).text())
}

async function samplesWhen(
  service: ServiceProcess,
  isReached: (samples: Sample[]) => boolean,
): Promise<Sample[]> {
  const deadline = performance.now() + 5000
  for (;;) {
    const samples = await samplesNow(service)
    if (isReached(samples) || performance.now() > deadline) return samples
    await sleep(30)
  }
}

function counted(samples: Sample[], what: string, signal: string): number {
  return valueOf(samples, `telemetry_${what}_total`, { signal })
}
