import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import type { OpenMetricsContentType } from 'prom-client'

import { guardSeries } from './series-guard.ts'

describe('guardSeries on a counter', () => {
  it('sends the values of further label combinations to the overflow series', async () => {
    const { registry, counter, overflows } = guardedCounter(2)

    counter.inc({ path: '/a' })
    counter.inc({ path: '/b' }, 2)
    counter.inc({ path: '/c' }, 3)
    counter.inc({ path: '/d' })

    assert.deepEqual(await samples(registry), [
      'calls_total{path="/a"} 1',
      'calls_total{path="/b"} 2',
      'calls_total{path="overflow"} 4',
    ])
    assert.equal(overflows(), 2)
  })

  it('goes on counting the known series', async () => {
    const { registry, counter, overflows } = guardedCounter(1)
    counter.inc({ path: '/a' })
    counter.inc({ path: '/b' })

    counter.inc({ path: '/a' })

    assert.deepEqual(await samples(registry), [
      'calls_total{path="/a"} 2',
      'calls_total{path="overflow"} 1',
    ])
    assert.equal(overflows(), 1)
  })

  it('takes a number and its text for the same label', async () => {
    const { registry, counter } = guardedCounter(1)

    counter.inc({ path: 200 })
    counter.inc({ path: '200' })

    assert.deepEqual(await samples(registry), ['calls_total{path="200"} 2'])
  })

  it('bounds labels given by position', async () => {
    const { registry, counter, overflows } = guardedCounter(1)

    counter.labels('/a').inc()
    counter.labels('/b').inc(2)
    counter.labels({ path: '/c' }).inc(3)

    assert.deepEqual(await samples(registry), [
      'calls_total{path="/a"} 1',
      'calls_total{path="overflow"} 5',
    ])
    assert.equal(overflows(), 2)
  })

  it('bounds the form that carries exemplars', async () => {
    const registry = openMetricsRegistry()
    const counter = guarded(
      new Counter<'path' | 'trace_id'>({
        name: 'calls_total',
        help: 'Calls.',
        labelNames: ['path'],
        enableExemplars: true,
        registers: [registry],
      }),
      ['path'],
      1,
    )

    counter.inc({ labels: { path: '/a' }, value: 1, exemplarLabels: { trace_id: 'aa' } })
    counter.inc({ labels: { path: '/b' }, value: 2, exemplarLabels: { trace_id: 'bb' } })
    counter.inc({ labels: { path: '/c' }, value: 3 })

    const [known, overflow, ...others] = await samples(registry)
    assert.match(known ?? '', /^calls_total\{path="\/a"\} 1 # \{trace_id="aa"\} 1 /)
    assert.match(overflow ?? '', /^calls_total\{path="overflow"\} 5 # \{trace_id="bb"\} 2 /)
    assert.deepEqual(others, [])
  })

  it('frees a place when a series is removed', async () => {
    const { registry, counter, overflows } = guardedCounter(1)
    counter.inc({ path: '/a' })

    counter.remove({ path: '/a' })
    counter.inc({ path: '/b' })
    counter.remove('/b')
    counter.inc({ path: '/c' })

    assert.deepEqual(await samples(registry), ['calls_total{path="/c"} 1'])
    assert.equal(overflows(), 0)
  })

  it('frees no place when the overflow series is removed', async () => {
    const { registry, counter } = guardedCounter(1)
    counter.inc({ path: '/a' })
    counter.inc({ path: '/b' })

    counter.remove({ path: 'overflow' })
    counter.inc({ path: '/c' })

    assert.deepEqual(await samples(registry), [
      'calls_total{path="/a"} 1',
      'calls_total{path="overflow"} 1',
    ])
  })

  it('frees all places on reset', async () => {
    const { registry, counter, overflows } = guardedCounter(1)
    counter.inc({ path: '/a' })

    counter.reset()
    counter.inc({ path: '/b' })

    assert.deepEqual(await samples(registry), ['calls_total{path="/b"} 1'])
    assert.equal(overflows(), 0)
  })

  it('admits nothing but the overflow series where no series is allowed', async () => {
    const { registry, counter } = guardedCounter(0)

    counter.inc({ path: '/a' })

    assert.deepEqual(await samples(registry), ['calls_total{path="overflow"} 1'])
  })

  it('counts a combination, not each of its labels', async () => {
    const registry = new Registry()
    const counter = guarded(
      new Counter({
        name: 'calls_total',
        help: 'Calls.',
        labelNames: ['method', 'path'],
        registers: [registry],
      }),
      ['method', 'path'],
      2,
    )

    counter.inc({ method: 'GET', path: '/a' })
    counter.inc({ path: '/a', method: 'PUT' })
    counter.inc({ path: '/a', method: 'GET' })
    counter.inc({ method: 'PUT', path: '/b' })

    assert.deepEqual(await samples(registry), [
      'calls_total{method="GET",path="/a"} 2',
      'calls_total{path="/a",method="PUT"} 1',
      'calls_total{method="overflow",path="overflow"} 1',
    ])
  })

  it('bounds a label that is called value', async () => {
    const registry = new Registry()
    const counter = guarded(
      new Counter({
        name: 'votes_total',
        help: 'Votes.',
        labelNames: ['value'],
        registers: [registry],
      }),
      ['value'],
      1,
    )

    counter.inc({ value: 'yes' })
    counter.inc({ value: 'no' })

    assert.deepEqual(await samples(registry), [
      'votes_total{value="yes"} 1',
      'votes_total{value="overflow"} 1',
    ])
  })

  it('leaves a metric without labels alone', async () => {
    const registry = new Registry()
    const plain = new Counter({ name: 'ticks_total', help: 'Ticks.', registers: [registry] })

    const counter = guardSeries(plain, { labelNames: [], maxSeries: 0, onOverflow: assert.fail })
    counter.inc()
    counter.inc(2)

    assert.equal(counter, plain)
    assert.deepEqual(await samples(registry), ['ticks_total 3'])
  })
})

describe('guardSeries on a gauge', () => {
  it('bounds inc, dec and set', async () => {
    const { registry, gauge, overflows } = guardedGauge(1)

    gauge.set({ pool: 'a' }, 5)
    gauge.inc({ pool: 'b' }, 10)
    gauge.dec({ pool: 'c' }, 3)

    assert.deepEqual(await samples(registry), ['size{pool="a"} 5', 'size{pool="overflow"} 7'])
    assert.equal(overflows(), 2)
  })

  it('bounds setToCurrentTime', async () => {
    const { registry, gauge } = guardedGauge(1)
    gauge.set({ pool: 'a' }, 5)

    gauge.setToCurrentTime({ pool: 'b' })

    assert.match((await samples(registry))[1] ?? '', /^size\{pool="overflow"\} \d{10}/)
  })

  it('bounds startTimer, whose labels may come at its end', async () => {
    const { registry, gauge, overflows } = guardedGauge(1)
    gauge.set({ pool: 'a' }, 5)

    gauge.startTimer({ pool: 'b' })()
    gauge.startTimer()({ pool: 'c' })

    const names = (await samples(registry)).map(withoutValue)
    assert.deepEqual(names, ['size{pool="a"}', 'size{pool="overflow"}'])
    assert.equal(overflows(), 2)
  })

  it('bounds what labels() gives', async () => {
    const { registry, gauge } = guardedGauge(1)

    gauge.labels('a').set(1)
    gauge.labels('b').set(2)
    gauge.labels({ pool: 'c' }).inc(3)

    assert.deepEqual(await samples(registry), ['size{pool="a"} 1', 'size{pool="overflow"} 5'])
  })

  it('frees a place when a series is removed', async () => {
    const { registry, gauge } = guardedGauge(1)
    gauge.set({ pool: 'a' }, 1)

    gauge.remove('a')
    gauge.set({ pool: 'b' }, 2)

    assert.deepEqual(await samples(registry), ['size{pool="b"} 2'])
  })

  it('frees all places on reset', async () => {
    const { registry, gauge } = guardedGauge(1)
    gauge.set({ pool: 'a' }, 1)

    gauge.reset()
    gauge.set({ pool: 'b' }, 2)

    assert.deepEqual(await samples(registry), ['size{pool="b"} 2'])
  })
})

describe('guardSeries on a histogram', () => {
  it('bounds observe and zero', async () => {
    const { registry, histogram, overflows } = guardedHistogram(1)

    histogram.zero({ path: '/a' })
    histogram.observe({ path: '/b' }, 0.5)
    histogram.observe({ path: '/c' }, 2)

    assert.deepEqual(await samples(registry), [
      'seconds_bucket{le="1",path="/a"} 0',
      'seconds_bucket{le="+Inf",path="/a"} 0',
      'seconds_sum{path="/a"} 0',
      'seconds_count{path="/a"} 0',
      'seconds_bucket{le="1",path="overflow"} 1',
      'seconds_bucket{le="+Inf",path="overflow"} 2',
      'seconds_sum{path="overflow"} 2.5',
      'seconds_count{path="overflow"} 2',
    ])
    assert.equal(overflows(), 2)
  })

  it('bounds timers and what labels() gives', async () => {
    const { registry, histogram, overflows } = guardedHistogram(1)
    histogram.observe({ path: '/a' }, 1)

    histogram.startTimer({ path: '/b' })()
    histogram.startTimer()({ path: '/c' })
    histogram.labels('/d').observe(1)
    histogram.labels({ path: '/e' }).startTimer()()

    const counts = (await samples(registry)).filter((line) => line.startsWith('seconds_count'))
    assert.deepEqual(counts, ['seconds_count{path="/a"} 1', 'seconds_count{path="overflow"} 4'])
    assert.equal(overflows(), 4)
  })

  it('bounds the form that carries exemplars', async () => {
    const registry = openMetricsRegistry()
    const histogram = guarded(
      new Histogram<'path' | 'trace_id'>({
        name: 'seconds',
        help: 'Seconds.',
        labelNames: ['path'],
        buckets: [1],
        enableExemplars: true,
        registers: [registry],
      }),
      ['path'],
      1,
    )

    histogram.observe({ labels: { path: '/a' }, value: 2, exemplarLabels: { trace_id: 'aa' } })
    histogram.observe({ labels: { path: '/b' }, value: 0.5, exemplarLabels: { trace_id: 'bb' } })
    histogram.startTimer({ path: '/c' }, { trace_id: 'cc' })()

    const lines = await samples(registry)
    assert.deepEqual(
      lines.filter((line) => line.startsWith('seconds_count')),
      ['seconds_count{path="/a"} 1', 'seconds_count{path="overflow"} 2'],
    )
    assert.deepEqual(
      lines.filter((line) => line.includes(' # ')).map((line) => line.replace(/\} \S+ \S+$/, '}')),
      [
        'seconds_bucket{le="+Inf",path="/a"} 1 # {trace_id="aa"}',
        'seconds_bucket{le="1",path="overflow"} 2 # {trace_id="cc"}',
      ],
    )
  })

  it('frees places on remove and reset', async () => {
    const { registry, histogram } = guardedHistogram(1)

    histogram.observe({ path: '/a' }, 1)
    histogram.remove({ path: '/a' })
    histogram.observe({ path: '/b' }, 1)
    histogram.reset()
    histogram.observe({ path: '/c' }, 1)

    const counts = (await samples(registry)).filter((line) => line.startsWith('seconds_count'))
    assert.deepEqual(counts, ['seconds_count{path="/c"} 1'])
  })
})

describe('guardSeries on a summary', () => {
  it('bounds observe, timers and what labels() gives', async () => {
    const { registry, summary, overflows } = guardedSummary(1)

    summary.observe({ path: '/a' }, 1)
    summary.observe({ path: '/b' }, 2)
    summary.startTimer({ path: '/c' })()
    summary.labels('/d').observe(1)

    const counts = (await samples(registry)).filter((line) => line.startsWith('bytes_count'))
    assert.deepEqual(counts, ['bytes_count{path="/a"} 1', 'bytes_count{path="overflow"} 3'])
    assert.equal(overflows(), 3)
  })

  it('frees a place when a series is removed', async () => {
    const { registry, summary } = guardedSummary(1)
    summary.observe({ path: '/a' }, 1)

    summary.remove({ path: '/a' })
    summary.observe({ path: '/b' }, 1)

    const counts = (await samples(registry)).filter((line) => line.startsWith('bytes_count'))
    assert.deepEqual(counts, ['bytes_count{path="/b"} 1'])
  })

  it('frees no place on reset, because prom-client keeps the series of a summary', async () => {
    const { registry, summary } = guardedSummary(1)
    summary.observe({ path: '/a' }, 1)

    summary.reset()
    summary.observe({ path: '/b' }, 1)

    const counts = (await samples(registry)).filter((line) => line.startsWith('bytes_count'))
    assert.deepEqual(counts, ['bytes_count{path="/a"} 0', 'bytes_count{path="overflow"} 1'])
  })
})

function guardedCounter(maxSeries: number) {
  const registry = new Registry()
  let overflows = 0
  const counter = guarded(
    new Counter({
      name: 'calls_total',
      help: 'Calls.',
      labelNames: ['path'],
      registers: [registry],
    }),
    ['path'],
    maxSeries,
    () => (overflows += 1),
  )
  return { registry, counter, overflows: () => overflows }
}

function guardedGauge(maxSeries: number) {
  const registry = new Registry()
  let overflows = 0
  const gauge = guarded(
    new Gauge({ name: 'size', help: 'Size.', labelNames: ['pool'], registers: [registry] }),
    ['pool'],
    maxSeries,
    () => (overflows += 1),
  )
  return { registry, gauge, overflows: () => overflows }
}

function guardedHistogram(maxSeries: number) {
  const registry = new Registry()
  let overflows = 0
  const histogram = guarded(
    new Histogram({
      name: 'seconds',
      help: 'Seconds.',
      labelNames: ['path'],
      buckets: [1],
      registers: [registry],
    }),
    ['path'],
    maxSeries,
    () => (overflows += 1),
  )
  return { registry, histogram, overflows: () => overflows }
}

function guardedSummary(maxSeries: number) {
  const registry = new Registry()
  let overflows = 0
  const summary = guarded(
    new Summary({ name: 'bytes', help: 'Bytes.', labelNames: ['path'], registers: [registry] }),
    ['path'],
    maxSeries,
    () => (overflows += 1),
  )
  return { registry, summary, overflows: () => overflows }
}

function guarded<metric extends object>(
  metric: metric,
  labelNames: string[],
  maxSeries: number,
  onOverflow: () => void = () => {},
): metric {
  return guardSeries(metric, { labelNames, maxSeries, onOverflow })
}

function openMetricsRegistry() {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}

/** What a scraper reads, without comments. */
async function samples(registry: { metrics(): Promise<string> }): Promise<string[]> {
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

function withoutValue(sample: string): string {
  return sample.replace(/ \S+$/, '')
}
