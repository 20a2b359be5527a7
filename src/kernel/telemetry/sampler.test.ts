import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace'

import { samplerOf, samplesEveryRoot } from './sampler.ts'

describe('samplerOf', () => {
  const names = [
    ['always_on', 'AlwaysOnSampler'],
    ['always_off', 'AlwaysOffSampler'],
    ['traceidratio', 'TraceIdRatioBased{0.25}'],
    ['parentbased_always_on', 'ParentBased{root=AlwaysOnSampler,'],
    ['parentbased_always_off', 'ParentBased{root=AlwaysOffSampler,'],
    ['parentbased_traceidratio', 'ParentBased{root=TraceIdRatioBased{0.25},'],
  ] as const
  for (const [name, description] of names) {
    it(`knows ${name}`, () => {
      const sampler = samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: 0.25 })

      assert.ok(sampler.toString().startsWith(description), sampler.toString())
    })
  }

  it('follows the parent, and samples what has none, unless told otherwise', () => {
    assert.match(samplerOf({}).toString(), /^ParentBased\{root=AlwaysOnSampler,/)
  })

  it('takes all where no ratio is given', () => {
    assert.equal(
      samplerOf({ OTEL_TRACES_SAMPLER: 'traceidratio' }).toString(),
      'TraceIdRatioBased{1}',
    )
  })
})

describe('samplesEveryRoot', () => {
  const names = [
    ['always_on', true],
    ['always_off', false],
    ['traceidratio', false],
    ['parentbased_always_on', true],
    ['parentbased_always_off', false],
    ['parentbased_traceidratio', false],
    [undefined, true],
  ] as const
  for (const [name, expected] of names) {
    it(`knows of ${name ?? 'the default'} what the sampler would say`, () => {
      const settings = name === undefined ? {} : { OTEL_TRACES_SAMPLER: name }
      const sampler = samplerOf({ ...settings, OTEL_TRACES_SAMPLER_ARG: 0 })
      const { decision } = sampler.shouldSample(
        ROOT_CONTEXT,
        'f'.repeat(32),
        'GET',
        SpanKind.SERVER,
        {},
        [],
      )

      assert.equal(samplesEveryRoot(settings), expected)
      assert.equal(decision === SamplingDecision.RECORD_AND_SAMPLED, expected)
    })
  }
})
