import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { exportMethod } from '../../../../../test/support/otlp/export-method.ts'
import { receivedSpans } from '../../../../../test/support/otlp/received-span.ts'
import { BufferPool } from './buffer-pool.ts'
import { ByteBudget } from './byte-budget.ts'
import { RecordBatches } from './record-batches.ts'
import type { RecordBatchesOptions } from './record-batches.ts'
import { observed } from './testing/observed.ts'
import { resourceBytes, scopeBytes, spanRecord } from './testing/protobuf.ts'
import { delivered, ScriptedTransport } from './testing/scripted-transport.ts'

describe('RecordBatches', () => {
  it('takes records that are written in place, at most as long as was reserved', async (t) => {
    const { batches, sent, counts } = batchesOver(t)
    for (const name of ['first', 'second']) {
      const record = spanRecord(name)
      const buffer = batches.reserve(record.length + 100)
      assert.ok(buffer)
      buffer.set(record, batches.position)
      batches.commit(batches.position + record.length)
    }
    await batches.flush()

    assert.deepEqual(sent(), [['first', 'second']])
    assert.partialDeepStrictEqual(await counts(), { created: 2, exported: 2, exports: 1 })
  })

  it('takes a record back that was reserved and not committed', async (t) => {
    const { batches, sent, counts, pool } = batchesOver(t)
    batches.reserve(500)?.fill(0xff, batches.position, batches.position + 500)
    batches.append(spanRecord('a'))
    batches.reserve(500)
    await batches.flush()
    batches.reserve(500)
    await batches.flush()

    assert.deepEqual(sent(), [['a']])
    assert.equal((await counts()).created, 1)
    assert.equal(pool.budget.usedBytes, 0)
  })

  it('sends when a batch is full of items', (t) => {
    const { batches, sent } = batchesOver(t, { maxItems: 2 })
    for (const name of ['a', 'b', 'c']) batches.append(spanRecord(name))

    assert.deepEqual(sent(), [['a', 'b']])
    assert.equal(batches.unsent, 3)
  })

  it('sends when a batch is full of bytes', async (t) => {
    const { batches, sent } = batchesOver(t)
    for (const name of ['a', 'b', 'c', 'd']) batches.append(spanRecord(name, 400))
    const full = sent()
    await batches.flush()

    assert.deepEqual(full, [['a', 'b']])
    assert.deepEqual(sent(), [
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('sends when the first record has waited long enough', async (t) => {
    const { batches, transport, sent } = batchesOver(t, { delayMillis: 100 })
    const started = performance.now()
    batches.append(spanRecord('a'))
    await sleep(50)
    batches.append(spanRecord('b'))
    await sleep(100)
    batches.append(spanRecord('c'))
    await sleep(130)

    assert.deepEqual(sent(), [['a', 'b'], ['c']])
    const waited = (transport.attempts[0]?.at ?? 0) - started
    assert.ok(waited >= 95 && waited < 145, `${waited} ms`)
  })

  it('has one timer a batch, which ends with it', async (t) => {
    const timers = t.mock.method(globalThis, 'setTimeout')
    const { batches, sent } = batchesOver(t, { delayMillis: 200, maxItems: 3 })
    for (const name of ['a', 'b', 'c']) batches.append(spanRecord(name))
    const count = timers.mock.callCount()
    await sleep(120)
    batches.append(spanRecord('d'))
    await sleep(120)

    assert.equal(count, 1)
    assert.deepEqual(sent(), [['a', 'b', 'c']])
    await sleep(120)
    assert.deepEqual(sent(), [['a', 'b', 'c'], ['d']])
  })

  it('gives a record that is larger than a batch a buffer of its own', async (t) => {
    const { batches, sent, pool } = batchesOver(t)
    batches.append(spanRecord('a'))
    batches.append(spanRecord('large', 5000))
    batches.append(spanRecord('b'))
    await batches.flush()

    assert.deepEqual(sent(), [['a'], ['large'], ['b']])
    assert.equal(pool.budget.usedBytes, 0)
  })

  it('drops the newest when the byte budget is used up, counted and said once', async (t) => {
    const { batches, transport, pool, counts, said } = batchesOver(t, { script: [] })
    const answers = Array.from({ length: 14 }, () => batches.append(spanRecord('a', 700)))

    assert.deepEqual(answers, [...Array(10).fill(true), ...Array(4).fill(false)])
    assert.equal(pool.budget.usedBytes, 10_000)
    assert.partialDeepStrictEqual(await counts(), { created: 14, queueFull: 4 })
    assert.equal(batches.unsent, 10)
    assert.equal(batches.reserve(100_000), undefined)
    transport.answerAll(delivered)
    await sleep(5)
    assert.equal(batches.append(spanRecord('a', 700)), true)
    const flushed = batches.flush()
    transport.answerAll(delivered)
    await flushed
    assert.partialDeepStrictEqual(await counts(), { created: 16, exported: 11, queueFull: 5 })
    assert.deepEqual(said(), ['the queue is full', 5])
  })

  it('limits what waits by items, too, if that is asked for', async (t) => {
    const { batches, counts } = batchesOver(t, {
      maxWaitingItems: 3,
      maxItems: 5,
      script: [],
      concurrency: 1,
    })

    const answers = Array.from({ length: 8 }, () => batches.append(spanRecord('a')))

    // Three under way, three that wait, two too many.
    assert.deepEqual(answers, [true, true, true, true, true, true, false, false])
    assert.equal(batches.waiting, 3)
    assert.partialDeepStrictEqual(await counts(), { created: 8, queueFull: 2, queueLength: 3 })
  })

  it('counts what is in the open batch and what waits behind it together', async (t) => {
    const { batches } = batchesOver(t, {
      maxWaitingItems: 2,
      delayMillis: 1,
      script: [],
      concurrency: 1,
    })
    batches.append(spanRecord('under way'))
    await sleep(20)
    batches.append(spanRecord('waits'))
    await sleep(20)

    const answers = [batches.append(spanRecord('open')), batches.append(spanRecord('too many'))]

    assert.deepEqual(answers, [true, false])
    assert.equal(batches.unsent, 3)
  })

  it('uses buffers again', async (t) => {
    const { batches, transport, pool } = batchesOver(t)
    const buffers = new Set<Buffer>()
    for (let index = 0; index < 50; index += 1) {
      const record = spanRecord('a')
      const buffer = batches.reserve(record.length)
      assert.ok(buffer)
      buffers.add(buffer)
      buffer.set(record, batches.position)
      batches.commit(batches.position + record.length)
      await batches.flush()
    }

    assert.equal(buffers.size, 1)
    assert.equal(transport.attempts.length, 50)
    assert.equal(pool.budget.usedBytes, 0)
  })

  it('accepts records after a flush, and flushes again', async (t) => {
    const { batches, sent } = batchesOver(t)
    await batches.flush()
    batches.append(spanRecord('a'))
    await batches.flush()
    batches.append(spanRecord('b'))
    const unsent = batches.unsent
    await batches.flush()

    assert.deepEqual(sent(), [['a'], ['b']])
    assert.deepEqual([unsent, batches.unsent], [1, 0])
  })

  it('knows how many wait', async (t) => {
    const { batches, transport, counts } = batchesOver(t, { script: [], concurrency: 1 })
    for (const name of ['a', 'b', 'c']) {
      batches.append(spanRecord(name))
      void batches.flush()
    }
    batches.append(spanRecord('d'))

    assert.equal(batches.waiting, 1)
    assert.equal(batches.unsent, 4)
    transport.answerAll(delivered)
    await sleep(5)
    assert.equal(batches.unsent, 1)
    assert.equal((await counts()).queueLength, 1)
  })

  it('closes its transport', (t) => {
    const { batches, transport } = batchesOver(t)
    batches.close()

    assert.equal(transport.isClosed, true)
  })
})

/** Over buffers of 1000 bytes within a budget of 10 000, and a transport that takes everything at once. */
function batchesOver(
  t: TestContext,
  {
    script = Array.from({ length: 100 }, () => delivered),
    ...options
  }: Partial<RecordBatchesOptions> & { script?: ScriptedTransport['script'] } = {},
) {
  const transport = new ScriptedTransport(script)
  const pool = new BufferPool(new ByteBudget(10_000), { bufferBytes: 1000 })
  const { metrics, outage, counts, said } = observed()
  const batches = new RecordBatches({
    resourceBytes,
    scopeBytes,
    pool,
    transport,
    metrics,
    outage,
    maxItems: 512,
    delayMillis: 5000,
    timeoutMillis: 30_000,
    onRejected: () => {},
    ...options,
  })
  t.after(() => batches.close())
  return {
    batches,
    transport,
    pool,
    counts,
    said,
    /** The names of the spans, an array a batch. */
    sent: () => transport.attempts.map(({ bytes }) => namesIn(bytes)),
  }
}

function namesIn(framed: Buffer): string[] {
  const request = exportMethod('traces').requestDeserialize(framed.subarray(5))
  return receivedSpans(request).map(({ name }) => name)
}
