import assert from 'node:assert/strict'
import { isBuiltin } from 'node:module'
import { describe, it } from 'node:test'

import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node'
import type { InstrumentationBase } from '@opentelemetry/instrumentation'

import { librariesOf } from './instrumented-libraries.ts'

describe('librariesOf', () => {
  it('names all that each instrumentation of the bundle wraps', () => {
    const enabled = { enabled: true }
    const all = getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-fs': enabled,
      '@opentelemetry/instrumentation-host-metrics': enabled,
    }) as InstrumentationBase[]

    assert.ok(all.length >= 41)
    for (const instrumentation of all) {
      instrumentation.disable()
      const suffix = instrumentation.instrumentationName.replace(
        '@opentelemetry/instrumentation-',
        '',
      )
      const definitions = instrumentation.getModuleDefinitions?.() ?? []
      const wrapped = definitions.map(({ name }) => name).filter((name) => !isBuiltin(name))
      assert.deepEqual(librariesOf(suffix).toSorted(), [...new Set(wrapped)].toSorted(), suffix)
    }
  })
})
