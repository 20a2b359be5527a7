import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { isTracingSuppressed } from '@opentelemetry/core'

import { BatchSender } from './batch-sender.ts'
import type { BatchSenderOptions } from './batch-sender.ts'
import { BufferPool } from './buffer-pool.ts'
import { ByteBudget } from './byte-budget.ts'
import { ExportBatch } from './export-batch.ts'
import { testHead } from './testing/framed.ts'
import { observed } from './testing/observed.ts'
import { spanRecord } from './testing/protobuf.ts'
import { delivered, refused, ScriptedTransport, unavailable } from './testing/scripted-transport.ts'

describe('BatchSender', () => {
  it('sends at once, many at a time, and counts what arrives', async (t) => {
    const { sender, transport, enqueue, counts, pool } = senderOver(t, { concurrency: 3 })

    for (const name of ['a', 'b', 'c', 'd']) enqueue(name, name)
    const before = [transport.attempts.length, sender.underWay, sender.waiting]
    transport.attempts[1]?.answer(delivered)
    await turn()
    const after = [transport.attempts.length, sender.underWay, sender.waiting]

    assert.deepEqual(before, [3, 6, 2])
    assert.deepEqual(after, [4, 6, 0])
    assert.partialDeepStrictEqual(await counts(), { exported: 2, exports: 1 })
    transport.answerAll(delivered)
    await sender.flush()
    assert.partialDeepStrictEqual(await counts(), { exported: 8, exports: 4 })
    assert.equal(pool.budget.usedBytes, 0)
  })

  it('tries one at a time after a failure, in order, and many again after a success', async (t) => {
    shortenBackoff(t)
    const { transport, enqueue, sent, counts, sender } = senderOver(t)
    enqueue('a')
    enqueue('b')
    transport.attempts[1]?.answer(unavailable)
    transport.attempts[0]?.answer(unavailable)
    await turn()
    enqueue('c')
    enqueue('d')
    assert.deepEqual(sent(), ['a', 'b'])

    await sleep(450)
    const probe = sent().slice(2)
    transport.attempts[2]?.answer(delivered)
    await turn()

    assert.deepEqual(probe, ['a'])
    assert.deepEqual(sent().slice(3), ['b', 'c', 'd'])
    transport.answerAll(delivered)
    await sender.flush()
    assert.partialDeepStrictEqual(await counts(), { exported: 4, exportFailed: 0 })
  })

  it('waits longer after each failure', async (t) => {
    shortenBackoff(t)
    const { transport, enqueue } = senderOver(t, { script: [unavailable, unavailable, delivered] })
    enqueue('a')
    await sleep(1100)

    const [first = 0, second = 0, third = 0] = transport.attempts.map(({ at }) => at)
    assert.ok(second - first >= 395 && second - first < 590, `${second - first} ms`)
    assert.ok(third - second >= 595 && third - second < 800, `${third - second} ms`)
  })

  it('waits as long as the collector asks', async (t) => {
    const { transport, enqueue } = senderOver(t, {
      script: [{ kind: 'retryable', reason: 'busy', afterMillis: 50 }, delivered],
    })
    enqueue('a')
    await sleep(200)

    const [first = 0, second = 0] = transport.attempts.map(({ at }) => at)
    assert.ok(second - first >= 45 && second - first < 200, `${second - first} ms`)
  })

  it('does not hurry because the collector asks for no delay', async (t) => {
    const { transport, enqueue } = senderOver(t, {
      script: [{ kind: 'retryable', reason: 'busy', afterMillis: 0 }],
    })
    enqueue('a')
    await sleep(100)

    assert.equal(transport.attempts.length, 1)
  })

  it('does not wait for what would be too late', async (t) => {
    const { enqueue, counts, sender, pool, said } = senderOver(t, {
      timeoutMillis: 300,
      script: [unavailable],
    })
    enqueue('a', 'b')
    await turn()

    assert.partialDeepStrictEqual(await counts(), { exportFailed: 2, exports: 1 })
    assert.equal(sender.waiting, 0)
    assert.equal(pool.budget.usedBytes, 0)
    assert.deepEqual(said(), ['away'])
  })

  it('counts the retries into the time of a batch', async (t) => {
    shortenBackoff(t)
    const { enqueue, counts, sender, transport } = senderOver(t, {
      timeoutMillis: 900,
      script: [unavailable, unavailable],
    })
    enqueue('a')
    await sleep(450)

    // The third attempt would be made after a second.
    assert.equal(transport.attempts.length, 2)
    assert.equal(sender.waiting, 0)
    assert.partialDeepStrictEqual(await counts(), { exportFailed: 1 })
  })

  it('counts the time from the first attempt: who waited for his turn has all of it', async (t) => {
    shortenBackoff(t)
    const { transport, enqueue, sent, counts } = senderOver(t, { timeoutMillis: 900 })
    enqueue('a')
    enqueue('b')
    transport.answerAll(unavailable)
    await turn()
    enqueue('c')
    await sleep(450)
    assert.deepEqual(sent(), ['a', 'b', 'a'])

    await sleep(550)
    transport.answerAll(unavailable)
    await sleep(650)

    // The pause is over when `b` is out of time, too.
    assert.deepEqual(sent().slice(3), ['c'])
    assert.partialDeepStrictEqual(await counts(), { exportFailed: 2 })
  })

  it('gives up at once what is refused, and goes on', async (t) => {
    const { enqueue, sent, counts, sender, said } = senderOver(t, {
      script: [refused, refused, delivered],
    })
    enqueue('a', 'b')
    enqueue('c')
    await turn()
    enqueue('d')
    await sender.flush()

    assert.deepEqual(sent(), ['a', 'c', 'd'])
    assert.partialDeepStrictEqual(await counts(), { exported: 1, exportFailed: 3, exports: 3 })
    assert.deepEqual(said(), ['who are you', 3])
  })

  it('counts what was rejected of a batch, never more than it had', async (t) => {
    const rejected: unknown[] = []
    const { enqueue, counts, sender } = senderOver(t, {
      script: [
        { kind: 'delivered', rejected: 1, reason: 'too old' },
        { kind: 'delivered', rejected: 99, reason: 'too many' },
        { kind: 'delivered', rejected: 0, reason: 'only a word' },
      ],
      onRejected: (count, reason) => rejected.push([count, reason]),
    })
    enqueue('a', 'b')
    enqueue('c', 'd')
    enqueue('e')
    await sender.flush()

    assert.partialDeepStrictEqual(await counts(), { exported: 2, rejected: 3 })
    assert.deepEqual(rejected, [
      [1, 'too old'],
      [2, 'too many'],
    ])
  })

  it('does not call an outage over while half of the budget is in use', async (t) => {
    const { enqueue, transport, pool, said, sender } = senderOver(t)
    enqueue('a')
    transport.answerAll(refused)
    await turn()
    const taken = pool.take(600_000)
    enqueue('b')
    transport.answerAll(delivered)
    await turn()
    const before = said()

    if (taken) pool.giveBack(taken)
    enqueue('c')
    transport.answerAll(delivered)
    await sender.flush()

    assert.deepEqual(before, ['who are you'])
    assert.deepEqual(said(), ['who are you', 1])
  })

  it('flushes without waiting for a pause, all at once, and until all is settled', async (t) => {
    const { enqueue, transport, sent, sender } = senderOver(t, { concurrency: 1 })
    enqueue('a')
    transport.answerAll(unavailable)
    await turn()
    enqueue('b')
    enqueue('c')
    let isFlushed = false

    void sender.flush().then(() => {
      isFlushed = true
    })
    const together = sent().slice(1)
    transport.attempts[1]?.answer(delivered)
    transport.attempts[2]?.answer(delivered)
    await turn()
    const before = isFlushed
    transport.attempts[3]?.answer(refused)
    await turn()

    assert.deepEqual(together, ['a', 'b', 'c'])
    assert.deepEqual([before, isFlushed], [false, true])
    enqueue('d')
    assert.equal(sent().at(-1), 'd')
  })

  it('keeps a small batch that has to wait in a small buffer', async (t) => {
    const { enqueue, pool, transport, sent, sender } = senderOver(t, { concurrency: 1 })
    enqueue('a')
    const one = pool.budget.usedBytes
    enqueue('b')

    assert.equal(one, 1000)
    assert.ok(pool.budget.usedBytes < 1200, `${pool.budget.usedBytes} bytes`)
    transport.answerAll(delivered)
    await turn()
    transport.answerAll(delivered)
    await sender.flush()
    assert.deepEqual(sent(), ['a', 'b'])
    assert.equal(pool.budget.usedBytes, 0)
  })

  it('never overwrites what a connection on its end may still read', async (t) => {
    const { enqueue, sender, pool, transport } = senderOver(t)
    const seen: Buffer[] = []
    transport.send = async (framed) => {
      seen.push(framed)
      return { ...refused, lingers: true }
    }
    enqueue('a')
    await sender.flush()
    pool.take()?.fill(0)

    assert.equal(nameIn(seen[0] ?? Buffer.alloc(0)), 'a')
  })

  it('takes a transport that throws for one that fails', async (t) => {
    const { enqueue, counts, sender, transport } = senderOver(t)
    transport.send = () => {
      throw new Error('a bug')
    }
    enqueue('a')
    await sender.flush()

    assert.partialDeepStrictEqual(await counts(), { exportFailed: 1 })
  })

  it('belongs to no request: nothing it does is traced', async (t) => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    t.after(() => context.disable())
    const { sender, transport, enqueue } = senderOver(t)
    const seen: unknown[] = []
    transport.send = async () => {
      seen.push([trace.getSpan(context.active()), isTracingSuppressed(context.active())])
      return delivered
    }
    const request = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      traceFlags: TraceFlags.SAMPLED,
    })

    context.with(request, () => enqueue('a'))
    await sender.flush()

    assert.deepEqual(seen, [[undefined, true]])
  })
})

/** Over buffers of 1000 bytes within a budget of a million. */
function senderOver(
  t: TestContext,
  {
    script = [],
    ...options
  }: Partial<BatchSenderOptions> & { script?: ScriptedTransport['script'] } = {},
) {
  const transport = new ScriptedTransport(script)
  const pool = new BufferPool(new ByteBudget(1_000_000), { bufferBytes: 1000 })
  const { metrics, outage, counts, said } = observed()
  const sender = new BatchSender({
    transport,
    pool,
    metrics,
    outage,
    timeoutMillis: 5000,
    onRejected: () => {},
    ...options,
  })
  // The sender's own timers do not keep the process alive.
  const keepAlive = setTimeout(() => {}, 10_000)
  t.after(() => {
    clearTimeout(keepAlive)
    sender.close()
  })
  return {
    sender,
    transport,
    pool,
    counts,
    said,
    enqueue: (...names: string[]) => sender.enqueue(sealed(pool, names)),
    /** The first span of each attempt. */
    sent: () => transport.attempts.map(({ bytes }) => nameIn(bytes)),
  }
}

function sealed(pool: BufferPool, names: string[]): ExportBatch {
  const buffer = pool.take()
  assert.ok(buffer)
  const batch = new ExportBatch(buffer, testHead)
  for (const record of names.map((name) => spanRecord(name))) {
    buffer.set(record, batch.end)
    batch.end += record.length
    batch.count += 1
  }
  batch.seal()
  return batch
}

/** Names have one letter here; each stands behind the tag of its span and its own. */
function nameIn(bytes: Buffer): string {
  return String.fromCharCode(bytes[testHead.length + 4] ?? 0)
}

/** Waits of 400, 600, ... milliseconds exactly. */
function shortenBackoff(t: TestContext): void {
  t.mock.method(Math, 'random', () => 0)
}

/** Until what is settled is counted. */
function turn(): Promise<void> {
  return sleep(5)
}
