import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { startStack } from './compose.ts'
import { sendMany } from './load.ts'
import {
  eventually,
  exemplarsInPrometheus,
  growth,
  queryPrometheus,
  settled,
  traceInJaeger,
} from './servers.ts'

// More than the collector's `decision_wait`, and what Jaeger needs then.
const decisionSeconds = 20

describe('the tail sampling layer', () => {
  before(() => startStack({ COLLECTOR_LAYERS: '--config=/etc/otelcol/tail-sampling.yaml' }))
  after(() => startStack())

  it('keeps all failures, a share of the good traces, all that exemplars point at, and the counts', async () => {
    const countQuery =
      'traces_span_metrics_duration_seconds_count{service_name="greeting",span_kind="SPAN_KIND_SERVER"}'
    // Only what the last scrapes saw: a process that ended together with Prometheus is otherwise there for five minutes more.
    const requestsQuery =
      'last_over_time(http_server_request_duration_seconds_count{job="service"}[15s])'
    // By then an exemplar is due again in every bucket, too.
    const spansBefore = await settled(countQuery)
    const requestsBefore = await queryPrometheus(requestsQuery)

    const failed = await sendMany(Array.from({ length: 100 }, () => '/demo/bug'))
    assert.ok(failed.every(({ status }) => status === 500))
    const sent = await sendMany(
      Array.from({ length: 9900 }, () => '/version'),
      20,
    )
    await sleep(decisionSeconds * 1000)

    for (const { traceId } of failed) {
      await eventually(`trace ${traceId} of a failure`, () => traceInJaeger(traceId))
    }

    let kept = 0
    let marked = 0
    for (let start = 0; start < sent.length; start += 50) {
      const traces = await Promise.all(
        sent.slice(start, start + 50).map(({ traceId }) => traceInJaeger(traceId)),
      )
      for (const trace of traces) {
        if (trace) kept += 1
        if (trace?.some(({ tags }) => tags['plainsight.exemplar'] === true)) marked += 1
      }
    }
    assert.ok(kept - marked <= 600, `${kept} kept, ${marked} of them marked`)
    assert.ok(kept - marked >= 400, `${kept} kept, ${marked} of them marked`)

    const wanted = new Set(sent.map(({ traceId }) => traceId))
    const exemplars = (
      await exemplarsInPrometheus('http_server_request_duration_seconds_bucket{job="service"}')
    ).filter(({ labels }) => wanted.has(labels['trace_id'] ?? ''))
    assert.ok(exemplars.length > 0)
    for (const { labels } of exemplars) {
      await eventually(`trace ${labels['trace_id']} of an exemplar`, () =>
        traceInJaeger(labels['trace_id'] ?? ''),
      )
    }
    await eventually('all requests counted, by the service and in span metrics', async () => {
      const requests = growth(requestsBefore, await queryPrometheus(requestsQuery))
      const spans = growth(spansBefore, await queryPrometheus(countQuery))
      assert.deepEqual([requests, spans], [10_000, 10_000])
      return true
    })
  })
})
