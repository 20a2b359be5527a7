import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { GuardedRegistry } from './guarded-registry.ts'
import { createRequestMetrics, durationBucketsSeconds } from './request-metrics.ts'
import type { RequestLabels } from './request-metrics.ts'

const labels: RequestLabels = {
  http_request_method: 'GET',
  http_route: '/users/:id',
  http_response_status_code: '200',
}
const labelsText =
  'http_request_method="GET",http_route="/users/:id",http_response_status_code="200"'

describe('createRequestMetrics', () => {
  it('observes durations by method, route and status', async () => {
    const { registry, metrics } = metricsOfRequests()

    metrics.series(labels).observe(0.03, undefined)
    metrics.series(labels).observe(0.5, undefined)

    const lines = await samples(registry)
    const name = 'http_server_request_duration_seconds'
    assert.ok(lines.includes(`${name}_bucket{le="0.025",${labelsText}} 0`))
    assert.ok(lines.includes(`${name}_bucket{le="0.05",${labelsText}} 1`))
    assert.ok(lines.includes(`${name}_bucket{le="0.5",${labelsText}} 2`))
    assert.ok(lines.includes(`${name}_sum{${labelsText}} 0.53`))
    assert.ok(lines.includes(`${name}_count{${labelsText}} 2`))
  })

  it('has buckets from 5 ms to 10 s', async () => {
    const { registry, metrics } = metricsOfRequests()

    metrics.series(labels).observe(1, undefined)

    const bounds = [...(await registry.metrics()).matchAll(/le="([^"]+)"/g)].map(([, le]) => le)
    assert.deepEqual(bounds, [...durationBucketsSeconds.map(String), '+Inf'])
    assert.equal(durationBucketsSeconds[0], 0.005)
    assert.equal(durationBucketsSeconds.at(-1), 10)
  })

  it('attaches an exemplar to the bucket of its observation', async () => {
    const { registry, metrics } = metricsOfRequests()

    metrics.series(labels).observe(0.03, { trace_id: 'aa', span_id: 'bb' })
    metrics.series(labels).observe(2, undefined)

    const lines = (await samples(registry)).filter((line) => line.includes(' # '))
    assert.equal(lines.length, 1)
    assert.match(
      lines[0]!,
      /^http_server_request_duration_seconds_bucket\{le="0\.05",[^}]*\} 1 # \{trace_id="aa",span_id="bb"\} 0\.03 /,
    )
  })

  it('shows how many requests are under way', async () => {
    const { registry, metrics } = metricsOfRequests()

    metrics.begin('GET', 'http')
    metrics.begin('GET', 'http').value -= 1
    metrics.begin('POST', 'https').value -= 1

    assert.deepEqual(
      (await samples(registry)).filter((line) => line.startsWith('http_server_active_requests')),
      [
        'http_server_active_requests{http_request_method="GET",url_scheme="http"} 1',
        'http_server_active_requests{http_request_method="POST",url_scheme="https"} 0',
      ],
    )
  })

  it('wants an exemplar once in 10 s', (t) => {
    const clock = stopTheClock(t)
    const { metrics } = metricsOfRequests()

    const atFirst = [
      metrics.series(labels).claimExemplar(0.03),
      metrics.series(labels).claimExemplar(0.03),
    ]
    clock.advance(9999)
    const justBefore = metrics.series(labels).claimExemplar(0.03)
    clock.advance(1)
    const later = [
      metrics.series(labels).claimExemplar(0.03),
      metrics.series(labels).claimExemplar(0.03),
    ]

    assert.deepEqual(atFirst, [true, false])
    assert.equal(justBefore, false)
    assert.deepEqual(later, [true, false])
  })

  it('wants an exemplar for each bucket, the one above 10 s too', (t) => {
    stopTheClock(t)
    const { metrics } = metricsOfRequests()

    const answers = [
      metrics.series(labels).claimExemplar(0.03),
      metrics.series(labels).claimExemplar(0.05),
      metrics.series(labels).claimExemplar(0.051),
      metrics.series(labels).claimExemplar(11),
      metrics.series(labels).claimExemplar(60),
    ]

    assert.deepEqual(answers, [true, false, true, true, false])
  })

  it('wants an exemplar for each series', (t) => {
    stopTheClock(t)
    const { metrics } = metricsOfRequests()

    const answers = [
      metrics.series(labels).claimExemplar(0.03),
      metrics.series({ ...labels, http_route: '/users' }).claimExemplar(0.03),
      metrics.series({ ...labels, http_request_method: 'PUT' }).claimExemplar(0.03),
      metrics.series({ ...labels, http_response_status_code: '404' }).claimExemplar(0.03),
      metrics.series({ ...labels }).claimExemplar(0.03),
    ]

    assert.deepEqual(answers, [true, true, true, true, false])
  })

  it('remembers no more series than 10000', (t) => {
    stopTheClock(t)
    const { metrics } = metricsOfRequests()
    for (let route = 0; route < 10_000; route += 1) {
      metrics.series({ ...labels, http_route: `/${route}` }).claimExemplar(0.03)
    }

    const known = metrics.series({ ...labels, http_route: '/0' }).claimExemplar(0.03)
    metrics.series({ ...labels, http_route: '/one-more' }).claimExemplar(0.03)
    const forgotten = metrics.series({ ...labels, http_route: '/0' }).claimExemplar(0.03)

    assert.equal(known, false)
    assert.equal(forgotten, true)
  })
})

function metricsOfRequests() {
  const registry = new GuardedRegistry(100)
  return { registry, metrics: createRequestMetrics(registry) }
}

/** What a scraper reads, without comments. */
async function samples(registry: GuardedRegistry): Promise<string[]> {
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

function stopTheClock(t: TestContext) {
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  return { advance: (millis: number) => void (now += millis) }
}
