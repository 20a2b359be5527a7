import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { compose, startStack } from './compose.ts'
import { send, sendMany, steadyLoad } from './load.ts'
import type { Sent } from './load.ts'
import {
  eventually,
  handedOn,
  linesInLoki,
  queryPrometheus,
  serviceUrl,
  sumInPrometheus,
  traceInJaeger,
} from './servers.ts'

// One batch of spans is under way at a time: OTEL_BSP_MAX_EXPORT_BATCH_SIZE.
const mostInFlight = 512

describe('when a part of the stack is away', () => {
  before(() => startStack())

  it('Jaeger and Loki for a minute, under load: nothing is missing afterwards', async () => {
    const load = steadyLoad('/version', 20)
    await compose('stop', 'jaeger', 'loki')
    await sleep(60_000)
    await compose('start', 'jaeger', 'loki')
    await sleep(3_000)
    const sent = await load.stop()

    assert.ok(sent.length > 1000, `${sent.length} sent`)
    await allThere(sent, 150)
  })

  it('the collector, stopped in order: everything that was created is there', async () => {
    const lostBefore = await lost()
    const load = steadyLoad('/version', 20)
    await sleep(3_000)
    await compose('stop', 'otel-collector')
    await sleep(4_000)
    await compose('start', 'otel-collector')
    await sleep(3_000)
    const sent = await load.stop()

    await allThere(sent, 90)
    assert.equal((await lost()).spans, lostBefore.spans)
  })

  it('the collector, killed: what is missing was counted, or was under way', async () => {
    const lostBefore = await lost()
    const load = steadyLoad('/version', 150)
    await sleep(3_000)
    await compose('kill', 'otel-collector')
    await sleep(4_000)
    await compose('start', 'otel-collector')
    await sleep(4_000)
    const sent = await load.stop()

    await handedOn()
    await sleep(5_000)
    const delivered = await deliveredOf(sent)
    const dropped = (await lost()).spans - lostBefore.spans
    const missing = sent.length - delivered
    assert.ok(sent.length > 1500, `${sent.length} sent`)
    assert.ok(delivered > mostInFlight, `${delivered} delivered`)
    assert.ok(missing - dropped <= mostInFlight, `${missing} missing, ${dropped} dropped`)
    process.stdout.write(
      `# killed: ${sent.length} sent, ${delivered} delivered, ${dropped} dropped\n`,
    )
  })

  it('every container, taken away and made again: the data is still there', async () => {
    const sent = await sendMany(['/healthz', '/version', '/nowhere'])
    await allThere(sent, 60)
    const countBefore = await eventually('a count', async () => {
      const [series] = await queryPrometheus('healthz_calls_total{job="service"}')
      return series !== undefined && series.value > 0 && series.value
    })

    await compose('down')
    startStack()

    await allThere(sent, 60)
    await eventually('the measurements of before', async () => {
      const before = await sumInPrometheus('max_over_time(healthz_calls_total{job="service"}[1h])')
      return before >= countBefore
    })
  })

  it('the service, stopped under load: every request that was answered has its span and its line', async () => {
    const load = steadyLoad('/demo/slow?seconds=1', 50)
    await sleep(2_000)
    const answeredBefore = load.answered()
    await compose('stop', 'service')
    const sent = await load.stop()
    await compose('start', 'service')
    startStack()

    assert.ok(sent.length > answeredBefore, 'some were under way when it was told to stop')
    await allThere(sent, 60)
    assert.equal((await send('/health')).status, 200)
  })
})

/** Every request has its trace in Jaeger and its line in Loki. */
async function allThere(sent: Sent[], timeoutSeconds: number): Promise<void> {
  await eventually(
    `all ${sent.length} traces in Jaeger`,
    async () => (await deliveredOf(sent)) === sent.length,
    timeoutSeconds,
  )
  const wanted = new Set(sent.map(({ traceId }) => traceId))
  await eventually(
    `all ${sent.length} lines in Loki`,
    async () => {
      const lines = await linesInLoki('{service_name="greeting"} | duration_ms!=""')
      const found = new Set(lines.map(({ labels }) => labels['trace_id'] ?? ''))
      return wanted.difference(found).size === 0
    },
    timeoutSeconds,
  )
}

const delivered = new Set<string>()

async function deliveredOf(sent: Sent[]): Promise<number> {
  const unknown = sent.filter(({ traceId }) => !delivered.has(traceId))
  for (let start = 0; start < unknown.length; start += 50) {
    await Promise.all(
      unknown.slice(start, start + 50).map(async ({ traceId }) => {
        if (await traceInJaeger(traceId)) delivered.add(traceId)
      }),
    )
  }
  return sent.filter(({ traceId }) => delivered.has(traceId)).length
}

async function lost(): Promise<{ spans: number }> {
  const text = await (await fetch(`${serviceUrl}/metrics`)).text()
  const spans = [...text.matchAll(/^telemetry_dropped_total\{signal="spans",.*\} (\d+)$/gm)]
  return { spans: spans.reduce((sum, [, count]) => sum + Number(count), 0) }
}
