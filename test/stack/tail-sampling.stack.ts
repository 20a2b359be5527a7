import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { docker, startStack } from './compose.ts'
import { sendMany } from './load.ts'
import { eventually, exemplarsInPrometheus, sumInPrometheus, traceInJaeger } from './servers.ts'

// More than the collector's `decision_wait`, and what Jaeger needs then.
const decisionSeconds = 20

describe('the tail sampling layer', () => {
  before(() => startStack({ COLLECTOR_LAYERS: '--config=/etc/otelcol/tail-sampling.yaml' }))
  after(() => startStack())

  it('keeps all failures, a share of the good traces, all that exemplars point at, and the counts', async () => {
    // What came before is scraped by then, and an exemplar is due again in every bucket.
    await sleep(10_000)
    const countQuery = 'traces_span_metrics_duration_seconds_count{service_name="greeting"}'
    const requestsQuery = 'http_server_request_duration_seconds_count{job="service"}'
    const spansBefore = await sumInPrometheus(countQuery)
    const requestsBefore = await sumInPrometheus(requestsQuery)

    await using cleanup = new AsyncDisposableStack()
    const failingUrl = await startFailing(cleanup)
    const failed = await sendMany(
      Array.from({ length: 100 }, () => '/bug'),
      10,
      failingUrl,
    )
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
      const requests = (await sumInPrometheus(requestsQuery)) - requestsBefore
      const spans = (await sumInPrometheus(countQuery)) - spansBefore
      return requests === 9900 && spans >= 9900
    })
  })
})

/** The greeting service never fails, the tests' other service does: it joins the network beside it. */
async function startFailing(cleanup: AsyncDisposableStack): Promise<string> {
  const name = 'plainsight-parcels'
  const command = [
    'run',
    '--detach',
    '--rm',
    '--name',
    name,
    '--network',
    'plainsight_plainsight',
    '--publish',
    '127.0.0.1:18080:8080',
    '--volume',
    `${process.cwd()}/test/fixtures:/app/test/fixtures:ro`,
    '--env',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://otel-collector:4317',
    'plainsight:local',
    'test/fixtures/parcel-service/main.ts',
  ]
  docker(...command)
  cleanup.defer(() => void docker('stop', name))
  const url = 'http://127.0.0.1:18080'
  await eventually('the failing service is ready', async () => (await fetch(`${url}/readyz`)).ok)
  return url
}
