import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { startObserved, traceIdOf } from './support/observed-service.ts'
import type { ObservedService } from './support/observed-service.ts'
import { startUpstream } from './support/upstream.ts'

describe('the recorder in use, as the start line names it', { concurrency: 2 }, () => {
  const uses: [expected: string, env: Record<string, string>][] = [
    ['lean', {}],
    ['lean', { TELEMETRY_RECORDER: 'lean' }],
    ['lean', { OTEL_TRACES_EXPORTER: 'none' }],
    ['standard', { TELEMETRY_RECORDER: 'standard' }],
    ['standard', { OTEL_TRACES_EXPORTER: 'console,otlp' }],
    ['standard', { OTEL_SDK_DISABLED: 'true' }],
    ['standard', { BEHAVIOUR: 'own-processor' }],
    ['standard', { BEHAVIOUR: 'own-processor', TELEMETRY_RECORDER: 'lean' }],
  ]
  for (const [expected, env] of uses) {
    it(`is ${expected} with ${JSON.stringify(env)}`, async () => {
      await using observed = await startObserved({ env })

      assert.equal(await recorderOf(observed), expected)
    })
  }
})

describe("a service's own span processor", () => {
  it('sees the server span and its children, and changes them before they leave', async () => {
    await using upstream = await startUpstream()
    await using observed = await startObserved({
      env: { BEHAVIOUR: 'own-processor', UPSTREAM_URL: upstream.url },
    })

    const response = await fetch(`${observed.service.url}/relay`)
    const { span, otherSpans } = await observed.telemetryOf(traceIdOf(response))

    assert.equal(span.attributes['parcel.seen'], 'GET /relay, undefined')
    assert.deepEqual(
      otherSpans.map(({ parentSpanId, attributes }) => [parentSpanId, attributes['parcel.seen']]),
      // Behind the redaction.
      [[span.spanId, `GET, "${upstream.url}/?token=[REDACTED]&colour=teal"`]],
    )
  })
})

async function recorderOf({ service }: ObservedService): Promise<unknown> {
  const { recorder } = await service.waitForLine('listening', ({ msg }) => msg === 'listening')
  return recorder
}
