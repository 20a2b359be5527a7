import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { startStack } from './compose.ts'
import { send, sendMany } from './load.ts'
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

const requestsQuery = 'http_server_request_duration_seconds_count{job="service"}'
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
    const attributes = Array.from({ length: 20 }, (_, index) => ({
      key: `long.${index}`,
      value: { stringValue: 'x'.repeat(20_000) },
    }))
    const logRecord = {
      traceId,
      timeUnixNano: `${Date.now()}000000`,
      body: { stringValue: 'y'.repeat(400_000) },
      attributes,
    }

    const response = await fetch('http://127.0.0.1:4318/v1/logs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceLogs: [
          {
            resource: {
              attributes: [{ key: 'service.name', value: { stringValue: 'long-winded' } }],
            },
            scopeLogs: [{ logRecords: [logRecord] }],
          },
        ],
      }),
    })

    assert.equal(response.status, 200)
    const [line] = await eventually('the line', async () => {
      const found = await linesInLoki(`{service_name="long-winded"} | trace_id="${traceId}"`)
      return found.length > 0 && found
    })
    assert.equal(line?.text.length, 256 * 1024)
    assert.equal(line.labels['long_19']?.length, 8192)
  })

  it('resolves every exemplar that Prometheus has, in Jaeger and in Loki', async () => {
    const started = Date.now() / 1000
    await sendMany(
      Array.from({ length: 200 }, (_, index) => known[index % known.length]?.[0] ?? '/'),
    )

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
