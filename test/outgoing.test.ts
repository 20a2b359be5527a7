import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { startObserved, traceIdOf } from './support/observed-service.ts'
import { startUpstream } from './support/upstream.ts'

const unsampledParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

describe('outgoing calls', { concurrency: true }, () => {
  it('are child spans, carry traceparent and baggage, and leave no secret behind', async () => {
    await using upstream = await startUpstream()
    await using observed = await startObserved({ env: { UPSTREAM_URL: upstream.url } })

    const response = await fetch(`${observed.service.url}/relay`, {
      headers: { baggage: 'tenant=blue' },
    })
    const { span, otherSpans } = await observed.telemetryOf(traceIdOf(response))

    assert.equal(otherSpans.length, 1)
    const [client] = otherSpans
    assert.equal(client?.kind, 'CLIENT')
    assert.equal(client?.parentSpanId, span.spanId)
    assert.equal(client?.attributes['url.full'], `${upstream.url}/?token=[REDACTED]&colour=teal`)
    assert.equal(client?.attributes['url.query'], '?token=[REDACTED]&colour=teal')
    assert.equal(upstream.headers[0]?.['traceparent'], `00-${span.traceId}-${client?.spanId}-01`)
    assert.equal(upstream.headers[0]?.['baggage'], 'tenant=blue')
    assert.equal(upstream.paths[0], '/?token=very-secret&colour=teal')
  })

  it('leave no span where the service says so', async () => {
    await using upstream = await startUpstream()
    await using observed = await startObserved({ env: { UPSTREAM_URL: upstream.url } })

    const response = await fetch(`${observed.service.url}/relay/untraced`)
    const { otherSpans } = await observed.telemetryOf(traceIdOf(response))

    assert.equal(upstream.paths.length, 1)
    assert.deepEqual(otherSpans, [])
  })

  it('go on unsampled where the caller was', async () => {
    await using upstream = await startUpstream()
    await using observed = await startObserved({ env: { UPSTREAM_URL: upstream.url } })

    await fetch(`${observed.service.url}/relay`, { headers: { traceparent: unsampledParent } })

    assert.match(
      String(upstream.headers[0]?.['traceparent']),
      /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/,
    )
  })
})
