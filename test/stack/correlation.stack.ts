import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { startStack } from './compose.ts'
import { send, steadyLoad } from './load.ts'
import type { Sent } from './load.ts'
import {
  eventually,
  exemplarsInPrometheus,
  growth,
  linesInLoki,
  queryPrometheus,
  scraped,
  settled,
  traceInJaeger,
} from './servers.ts'

// What the greeting service answers, and the route under which it is found.
const known: [path: string, route: string | undefined, status: number][] = [
  ['/', '/', 200],
  ['/version', '/version', 200],
  ['/health', '/health', 200],
  ['/healthz', '/healthz', 200],
  ['/nowhere', undefined, 404],
]

const knownPaths = known.map(([path]) => path)

// Only what the last scrapes saw: a process that ended together with Prometheus is otherwise there for five minutes more.
const requestsQuery =
  'last_over_time(http_server_request_duration_seconds_count{job="service"}[15s])'
const spansQuery =
  'traces_span_metrics_duration_seconds_count{service_name="greeting",span_kind="SPAN_KIND_SERVER"}'

describe('the stack', () => {
  before(() => startStack())

  it('has one trace, its log line and its measurement for every request of a known set', async () => {
    const requests = known.flatMap((entry) => Array.from({ length: 5 }, () => entry))
    await scraped()
    const spansBefore = await settled(spansQuery)
    const requestsBefore = await queryPrometheus(requestsQuery)

    const sent: (Sent & { route: string | undefined; status: number })[] = []
    for (const [path, route, status] of requests) {
      const answer = await send(path)
      assert.equal(answer.status, status)
      sent.push({ ...answer, route })
    }

    for (const { traceId, route, status } of sent) {
      const spans = await eventually(`trace ${traceId}`, () => traceInJaeger(traceId))
      assert.equal(spans.length, 1)
      const [span] = spans
      assert.equal(span?.operationName, route === undefined ? 'GET' : `GET ${route}`)
      assert.equal(span?.tags['http.route'], route)
      assert.equal(span?.tags['http.response.status_code'], status)
      assert.equal(span?.tags['span.kind'], 'server')
      const lines = await eventually(`log lines of ${traceId}`, async () => {
        const found = await linesInLoki(`{service_name="greeting"} | trace_id="${traceId}"`)
        return found.length > 0 && found
      })
      assert.ok(lines.every(({ labels }) => labels['span_id'] === span?.spanID))
    }
    await eventually('the counts in Prometheus', async () => {
      const requests = growth(requestsBefore, await queryPrometheus(requestsQuery))
      const spans = growth(spansBefore, await queryPrometheus(spansQuery))
      assert.deepEqual([requests, spans], [sent.length, sent.length])
      return true
    })
  })

  it('keeps a log record that is too long for Loki, cut', async () => {
    const traceId = randomBytes(16).toString('hex')
    const attributes = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`long.${index}`, 'x'.repeat(20_000)]),
    )

    await sendRecords([{ traceId, text: 'y'.repeat(400_000), attributes }])

    const [line] = await eventually('the line', () => linesOf(traceId, 1))
    assert.equal(line?.text.length, 256 * 1024)
    assert.equal(line.labels['long_19']?.length, 8192)
  })

  it('keeps a batch of records that together are more than Loki takes at once', async () => {
    const traceId = randomBytes(16).toString('hex')
    const record = { traceId, text: 'sold', attributes: { long: 'x'.repeat(8192) } }

    await sendRecords(Array.from({ length: 600 }, () => record))

    await eventually('all of them', () => linesOf(traceId, 600))
  })

  it('resolves every exemplar that Prometheus has, in Jaeger and in Loki', async () => {
    const started = Date.now() / 1000
    // A bucket has an exemplar every ten seconds at most, so requests go on until there are some.
    const load = knownPaths.map((path) => steadyLoad(path, 4))
    const fromService = await eventually('exemplars of the service', async () => {
      const found = await exemplarsInPrometheus(
        'http_server_request_duration_seconds_bucket',
        started,
      )
      return found.length > 0 && found
    })
    const fromSpans = await eventually('exemplars of span metrics', async () => {
      const found = await exemplarsInPrometheus(
        'traces_span_metrics_duration_seconds_bucket',
        started,
      )
      return found.length > 0 && found
    })
    await Promise.all(load.map(({ stop }) => stop()))

    for (const { labels } of [...fromService, ...fromSpans]) {
      const traceId = labels['trace_id'] ?? ''
      const spans = await eventually(`trace ${traceId} of an exemplar`, () =>
        traceInJaeger(traceId),
      )
      assert.ok(spans.some(({ spanID }) => spanID === labels['span_id']))
      await eventually(`log lines of ${traceId}`, async () => {
        const lines = await linesInLoki(`{service_name="greeting"} | trace_id="${traceId}"`)
        return lines.length > 0
      })
    }
  })
})

interface LogRecord {
  traceId: string
  text: string
  attributes: Record<string, string>
}

async function sendRecords(records: LogRecord[]): Promise<void> {
  const keyValues = (attributes: Record<string, string>) =>
    Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  const begun = BigInt(Date.now()) * 1_000_000n
  const logRecords = records.map(({ traceId, text, attributes }, index) => ({
    traceId,
    timeUnixNano: String(begun + BigInt(index)),
    body: { stringValue: text },
    attributes: keyValues(attributes),
  }))
  const response = await fetch('http://127.0.0.1:4318/v1/logs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: keyValues({ 'service.name': 'long-winded' }) },
          scopeLogs: [{ logRecords }],
        },
      ],
    }),
  })
  assert.equal(response.status, 200)
}

async function linesOf(traceId: string, count: number) {
  const lines = await linesInLoki(`{service_name="long-winded"} | trace_id="${traceId}"`)
  return lines.length === count && lines
}
