import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import { freePort } from '../../../../../test/support/free-port.ts'
import { startOtlpReceiver } from '../../../../../test/support/otlp-receiver.ts'
import { waitUntil } from '../../../../../test/support/wait-until.ts'
import { otelSettings } from '../../otel-settings.ts'
import { BufferPool } from './buffer-pool.ts'
import { ByteBudget } from './byte-budget.ts'
import { createRecordBatches } from './create-record-batches.ts'
import type { RecordBatches } from './record-batches.ts'
import { answerOk, startGrpcStub } from './testing/grpc-stub.ts'
import { observed } from './testing/observed.ts'
import type { Counts } from './testing/observed.ts'
import { resourceBytes, scopeBytes, spanRecord } from './testing/protobuf.ts'

describe('createRecordBatches', { concurrency: 4 }, () => {
  it('is undefined where nothing is exported', () => {
    const { metrics, outage } = observed()

    const batches = createRecordBatches({
      signal: 'spans',
      settings: z.object(otelSettings).parse({}),
      resourceBytes,
      scopeBytes,
      pool: new BufferPool(new ByteBudget(1_000_000)),
      metrics,
      outage,
      onRejected: () => {},
    })

    assert.equal(batches, undefined)
  })

  for (const protocol of ['grpc', 'http/protobuf'] as const) {
    it(`delivers by ${protocol} what the delay, the size and a flush send`, async (t) => {
      await using receiver = await startOtlpReceiver()
      const { batches, counts } = exporting(t, {
        OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? receiver.grpcUrl : receiver.httpUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      })
      append(batches, 25)
      await receiver.waitFor('all of them', () => receiver.spans.length === 25)
      append(batches, 3)
      await batches.flush()

      assert.equal(receiver.spans.length, 28)
      assert.equal(receiver.headers.length, 4)
      assert.partialDeepStrictEqual(await counts(), { created: 28, exported: 28, exports: 4 })
      await assertSettled(batches, counts)
    })
  }

  it('loses nothing to a collector that comes back in time', async (t) => {
    const port = await freePort()
    const { batches, counts, said } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20',
    })
    append(batches, 100)
    await until(() => said().length > 0)
    append(batches, 130)
    await sleep(100)
    await assertBalanced(batches, counts)

    await using receiver = await startOtlpReceiver({ grpcPort: port })
    await receiver.waitFor('all of them', () => receiver.spans.length === 230)
    await until(() => batches.unsent === 0 && said().length === 2)

    assert.match(String(said()[0]), /^14 UNAVAILABLE: connect ECONNREFUSED/)
    assert.equal(said()[1], 0)
    assert.partialDeepStrictEqual(await counts(), { created: 230, exported: 230 })
    await assertSettled(batches, counts)
  })

  it('keeps up with a slow collector by having many batches under way', async (t) => {
    await using stub = await startGrpcStub({
      answer: (stream) => void setTimeout(() => answerOk(stream), 300),
    })
    const { batches, counts } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: stub.url,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
    })
    const started = performance.now()
    append(batches, 300, 1000)
    await assertBalanced(batches, counts)
    await batches.flush()

    assert.equal(stub.calls.length, 30)
    assert.ok(performance.now() - started < 2500)
    assert.partialDeepStrictEqual(await counts(), { created: 300, exported: 300 })
  })

  it('drops the newest of what does not fit the budget, and nothing else', async (t) => {
    await using receiver = await startOtlpReceiver({ mode: 'unavailable' })
    const { batches, counts, pool, said } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_BSP_SCHEDULE_DELAY: '10',
      TELEMETRY_BUFFER_BYTES: '1048576',
    })
    append(batches, 30, 50_000)
    const { queueFull } = await counts()
    assert.ok(pool.budget.usedBytes <= 1_048_576)
    assert.equal(queueFull, 10)
    await assertBalanced(batches, counts)

    await until(() => said().length > 0)
    receiver.setMode('accept')
    await receiver.waitFor('what was kept', () => receiver.spans.length === 20)
    await until(() => batches.unsent === 0 && said().length === 2)
    assert.deepEqual(said(), ['the queue is full', 10])
    await assertSettled(batches, counts)
  })

  it('gives up what a silent collector does not answer, when its time is over', async (t) => {
    await using receiver = await startOtlpReceiver({ mode: 'silent' })
    const { batches, counts, said } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_OTLP_TIMEOUT: '150',
      OTEL_BSP_EXPORT_TIMEOUT: '500',
      OTEL_BSP_SCHEDULE_DELAY: '10',
    })
    append(batches, 40)
    await until(() => batches.unsent === 0)

    assert.match(String(said()[0]), /^4 DEADLINE_EXCEEDED/)
    assert.partialDeepStrictEqual(await counts(), { created: 40, exportFailed: 40, exports: 1 })
    await assertSettled(batches, counts)
  })

  it('counts what a collector refuses, whole or in part', async (t) => {
    await using receiver = await startOtlpReceiver({ mode: 'reject' })
    const { batches, counts, rejected, said } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    })
    append(batches, 7)
    await batches.flush()
    receiver.setMode('partial')
    append(batches, 5)
    await batches.flush()

    assert.partialDeepStrictEqual(await counts(), {
      created: 12,
      exportFailed: 7,
      rejected: 1,
      exported: 4,
    })
    assert.equal(receiver.spans.length, 4)
    assert.deepEqual(rejected, [[1, 'one too many']])
    assert.deepEqual(said(), ['3 INVALID_ARGUMENT: the receiver is set to reject', 7])
    await assertSettled(batches, counts)
  })

  it('knows at the end what a collector that is away did not get', async (t) => {
    const { batches, counts } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    })
    append(batches, 9)
    await Promise.race([batches.flush(), sleep(200)])

    assert.equal(batches.unsent, 9)
    await assertBalanced(batches, counts)
  })

  it('mixes nothing up when buffers are used again while others wait', async (t) => {
    await using receiver = await startOtlpReceiver()
    const { batches, counts } = exporting(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '7',
      OTEL_BSP_SCHEDULE_DELAY: '1',
    })
    for (let round = 0; round < 40; round += 1) {
      if (round === 10) receiver.setMode('unavailable')
      if (round === 20) receiver.setMode('accept')
      append(batches, 25, round * 40, round * 25)
      await sleep(3)
    }
    await until(() => batches.unsent === 0)

    const names = receiver.spans.map(({ name }) => Number(name))
    assert.deepEqual(
      names.toSorted((a, b) => a - b),
      Array.from({ length: 1000 }, (_, index) => index),
    )
    assert.partialDeepStrictEqual(await counts(), { created: 1000, exported: 1000 })
  })
})

function exporting(t: TestContext, environment: Record<string, string>) {
  const settings = z.object(otelSettings).parse(environment)
  const pool = new BufferPool(new ByteBudget(settings.TELEMETRY_BUFFER_BYTES))
  const rejected: unknown[] = []
  const { metrics, outage, counts, said } = observed()
  const batches = createRecordBatches({
    signal: 'spans',
    settings,
    resourceBytes,
    scopeBytes,
    pool,
    metrics,
    outage,
    onRejected: (count, reason) => rejected.push([count, reason]),
  })
  assert.ok(batches)
  // Nothing of it keeps the process alive.
  const keepAlive = setTimeout(() => {}, 30_000)
  t.after(() => {
    clearTimeout(keepAlive)
    batches.close()
  })
  return { batches, pool, counts, said, rejected }
}

/** Spans that are named by number, each padded to about so many bytes. */
function append(batches: RecordBatches, count: number, bytes = 100, from = 0): void {
  for (let index = from; index < from + count; index += 1) {
    batches.append(spanRecord(String(index), bytes))
  }
}

async function assertBalanced(
  batches: RecordBatches,
  counts: () => Promise<Counts>,
): Promise<void> {
  const { created, exported, queueFull, exportFailed, rejected } = await counts()
  assert.equal(exported + queueFull + exportFailed + rejected + batches.unsent, created)
}

async function assertSettled(batches: RecordBatches, counts: () => Promise<Counts>): Promise<void> {
  assert.equal(batches.unsent, 0)
  assert.equal((await counts()).queueLength, 0)
  await assertBalanced(batches, counts)
}

function until(probe: () => boolean): Promise<boolean> {
  return waitUntil(probe, 8000, () => 'it did not come to that')
}
