import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readSettings } from '../config.ts'
import { z } from 'zod'
import { recorderKind } from './recorder-kind.ts'

describe('recorderKind', () => {
  it('is lean unless told otherwise', () => {
    assert.equal(kindWith({}), 'lean')
    assert.equal(kindWith({ TELEMETRY_RECORDER: 'standard' }), 'standard')
  })

  it('is standard where span processors are to see every span', () => {
    assert.equal(kindWith({}, true), 'standard')
    assert.equal(kindWith({ TELEMETRY_RECORDER: 'lean' }, true), 'standard')
    assert.equal(kindWith({ OTEL_TRACES_EXPORTER: 'console,otlp' }), 'standard')
    assert.equal(kindWith({ OTEL_TRACES_EXPORTER: 'console,none' }), 'lean')
  })

  it('is standard where the SDK is disabled: it does nothing then', () => {
    assert.equal(kindWith({ OTEL_SDK_DISABLED: 'true' }), 'standard')
  })
})

function kindWith(environment: Record<string, string>, hasOwnSpanProcessors = false) {
  return recorderKind(readSettings(z.object({}), environment).kernel, hasOwnSpanProcessors)
}
