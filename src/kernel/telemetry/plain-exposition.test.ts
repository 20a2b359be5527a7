import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { GuardedRegistry } from './guarded-registry.ts'
import { plainContentType, toPlainExposition } from './plain-exposition.ts'

describe('toPlainExposition', () => {
  it('calls counters _total in HELP and TYPE, and nothing else', async () => {
    const registry = new GuardedRegistry(10)
    registry.counter({ name: 'calls_total', help: 'Calls.' }).inc(2)
    registry.gauge({ name: 'size', help: 'Size.' }).set(3)

    const text = toPlainExposition(await registry.metrics())

    assert.match(text, /# HELP calls_total Calls\.\n# TYPE calls_total counter\ncalls_total 2\n/)
    assert.match(text, /# HELP size Size\.\n# TYPE size gauge\nsize 3\n/)
  })

  it('ends with a line break and without the mark of OpenMetrics', async () => {
    const registry = new GuardedRegistry(10)
    registry.gauge({ name: 'size', help: 'Size.' }).set(3)

    const text = toPlainExposition(await registry.metrics())

    assert.match(text, /\nsize 3\n$/)
    assert.doesNotMatch(text, /EOF|\n\n/)
  })

  it('takes exemplars away', async () => {
    const registry = new GuardedRegistry(10)
    const histogram = registry.histogram<'path' | 'trace_id'>({
      name: 'seconds',
      help: 'Seconds.',
      labelNames: ['path'],
      buckets: [1],
      enableExemplars: true,
    })
    histogram.observe({ labels: { path: '/a' }, value: 0.5, exemplarLabels: { trace_id: 'aa' } })

    const openMetrics = await registry.metrics()
    const text = toPlainExposition(openMetrics)

    assert.match(openMetrics, / # \{trace_id="aa"\} 0\.5 /)
    assert.deepEqual(samplesOf(text), [
      'seconds_bucket{le="1",path="/a"} 1',
      'seconds_bucket{le="+Inf",path="/a"} 1',
      'seconds_sum{path="/a"} 0.5',
      'seconds_count{path="/a"} 1',
    ])
  })

  it('takes exemplars of metrics without labels away', () => {
    const text = toPlainExposition('calls_total 2 # {trace_id="aa"} 1 1700000000.1\n# EOF\n')

    assert.equal(text, 'calls_total 2\n')
  })

  it('leaves label values that look like an exemplar', async () => {
    const sample = await sampleWithLabel('/a"} 1 # {trace_id="x"} 2')

    assert.equal(sample, String.raw`hits{path="/a\"} 1 # {trace_id=\"x\"} 2"} 7`)
  })

  it('leaves quotes, backslashes, braces, commas and line breaks in label values', async () => {
    const sample = await sampleWithLabel('a"b\\c}d{e,f=\\"\n} 8')

    assert.equal(sample, String.raw`hits{path="a\"b\\c}d{e,f=\\\"\n} 8"} 7`)
  })

  it('leaves a label value that ends in a backslash', async () => {
    assert.equal(await sampleWithLabel('C:\\'), String.raw`hits{path="C:\\"} 7`)
  })

  it('takes an exemplar away behind a label value that looks like one', () => {
    const sample = String.raw`hits_total{a="} 1 # {",b="\\"} 7`

    const text = toPlainExposition(`${sample} # {trace_id="} 3 # {"} 1 1700000000.1\n# EOF\n`)

    assert.equal(text, `${sample}\n`)
  })

  it('keeps values that are no plain numbers', () => {
    const text = toPlainExposition('a 1e-7\nb +Inf\nc NaN\nd{x="y"} -2.5\n# EOF\n')

    assert.equal(text, 'a 1e-7\nb +Inf\nc NaN\nd{x="y"} -2.5\n')
  })

  it('gives the same names however often either format is rendered', async () => {
    const registry = new GuardedRegistry(10)
    registry
      .counter({ name: 'calls_total', help: 'Calls.', labelNames: ['path'] })
      .inc({ path: '/' })
    const openMetrics = await registry.metrics()
    const plain = toPlainExposition(openMetrics)

    const rendered = new Set<string>()
    for (let round = 0; round < 100; round += 1) {
      rendered.add(await registry.metrics())
      rendered.add(toPlainExposition(await registry.metrics()))
    }

    assert.deepEqual(rendered, new Set([openMetrics, plain]))
    assert.match(plain, /# TYPE calls_total counter\ncalls_total\{path="\/"\} 1\n/)
  })
})

describe('plainContentType', () => {
  it('is that of the text format 0.0.4', () => {
    assert.equal(plainContentType, 'text/plain; version=0.0.4; charset=utf-8')
  })
})

async function sampleWithLabel(path: string): Promise<string | undefined> {
  const registry = new GuardedRegistry(10)
  registry.gauge({ name: 'hits', help: 'Hits.', labelNames: ['path'] }).set({ path }, 7)
  return samplesOf(toPlainExposition(await registry.metrics())).at(-1)
}

function samplesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
