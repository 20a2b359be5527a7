import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { startObserved, traceIdOf } from './support/observed-service.ts'
import { startUpstream } from './support/upstream.ts'

const unsampledParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

describe('trust', { concurrency: true }, () => {
  it('INCOMING_TRACE_CONTEXT=link begins a trace of its own, linked to the caller, without baggage', async () => {
    await using upstream = await startUpstream()
    await using observed = await startObserved({
      env: { INCOMING_TRACE_CONTEXT: 'link', UPSTREAM_URL: upstream.url },
    })

    const response = await fetch(`${observed.service.url}/relay`, {
      headers: { traceparent: unsampledParent, baggage: 'tenant=blue' },
    })
    const { span } = await observed.telemetryOf(traceIdOf(response))

    assert.notEqual(span.traceId, '0af7651916cd43dd8448eb211c80319c')
    assert.equal(span.parentSpanId, '')
    assert.deepEqual(
      span.links.map(({ traceId, spanId }) => [traceId, spanId]),
      [['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']],
    )
    assert.equal(upstream.headers[0]?.['baggage'], undefined)
  })

  it('X-Forwarded-For counts only from TRUSTED_PROXIES', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9, 10.0.0.7', 'x-forwarded-proto': 'https' }
    await using plain = await startObserved()
    await using trusting = await startObserved({
      env: { TRUSTED_PROXIES: '127.0.0.0/8, ::1, 10.0.0.0/8' },
    })

    const ignored = await plain.telemetryOf(
      traceIdOf(await fetch(`${plain.service.url}/parcels/1`, { headers })),
    )
    const believed = await trusting.telemetryOf(
      traceIdOf(await fetch(`${trusting.service.url}/parcels/1`, { headers })),
    )

    assert.equal(ignored.span.attributes['client.address'], '127.0.0.1')
    assert.equal(ignored.span.attributes['url.scheme'], 'http')
    assert.equal(believed.span.attributes['client.address'], '203.0.113.9')
    assert.equal(believed.span.attributes['url.scheme'], 'https')
    assert.equal(believed.accessLine['client.address'], '203.0.113.9')
  })
})
