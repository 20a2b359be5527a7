import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node'
import type { Instrumentation } from '@opentelemetry/instrumentation'

import { loadInstrumentations } from './instrumentations.ts'
import { librariesOf } from './instrumented-libraries.ts'

const ours = ['dns', 'net', 'pino', 'runtime-node']

describe('loadInstrumentations', () => {
  it('loads what the bundle would, where every library is installed', async () => {
    const bundled = namesOf(getNodeAutoInstrumentations())

    const found = namesOf(await loadInstrumentations({}, everything(bundled)))

    assert.deepEqual(
      found,
      bundled.filter((name) => !ours.includes(name)),
    )
  })

  it('loads only what wraps Node, where no library is installed', async () => {
    assert.deepEqual(namesOf(await loadInstrumentations({}, new Set())), [
      'aws-lambda',
      'http',
      'undici',
    ])
  })

  it('never misses one whose library is installed, under any of its names', async () => {
    for (const library of ['redis', '@redis/client', 'pg-pool', '@smithy/core', 'mongodb']) {
      const found = namesOf(await loadInstrumentations({}, new Set([library])))

      assert.equal(found.length, 4, library)
      assert.ok(
        found.some((name) => librariesOf(name).includes(library)),
        library,
      )
    }
  })

  it('knows what is installed here', async () => {
    const found = namesOf(await loadInstrumentations({}))

    assert.ok(found.includes('grpc'), found.join(', '))
    assert.ok(!found.includes('mysql2'), found.join(', '))
  })

  it('heeds what the environment enables and disables', async () => {
    const installed = new Set(['pg', 'ioredis'])
    const enabling = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg, fs,pino' }
    const disabling = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg,http' }

    assert.deepEqual(namesOf(await loadInstrumentations(enabling, installed)), ['fs', 'pg'])
    assert.deepEqual(namesOf(await loadInstrumentations(disabling, installed)), [
      'aws-lambda',
      'ioredis',
      'undici',
    ])
  })
})

/** Switched off again: this process is not to be instrumented. */
function namesOf(instrumentations: Instrumentation[]): string[] {
  return instrumentations
    .map((instrumentation) => {
      instrumentation.disable()
      return instrumentation.instrumentationName.replace('@opentelemetry/instrumentation-', '')
    })
    .toSorted()
}

function everything(suffixes: string[]): Set<string> {
  return new Set(suffixes.flatMap(librariesOf))
}
