import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { GuardedRegistry } from './guarded-registry.ts'

describe('GuardedRegistry', () => {
  it('renders OpenMetrics', async () => {
    const registry = new GuardedRegistry(10)
    registry
      .counter({ name: 'calls_total', help: 'Calls.', labelNames: ['path'] })
      .inc({ path: '/' })

    const text = await registry.metrics()

    assert.match(registry.contentType, /^application\/openmetrics-text; version=1\.0\.0/)
    assert.match(text, /# HELP calls Calls\.\n# TYPE calls counter\ncalls_total\{path="\/"\} 1\n/)
    assert.match(text, /\n# EOF\n$/)
  })

  it('has what was put off counted before it is read', async () => {
    const registry = new GuardedRegistry(10, () => counter.inc())
    const counter = registry.counter({ name: 'calls_total', help: 'Calls.' })

    assert.match(await registry.metrics(), /^calls_total 1$/m)
    const read = await registry.getMetricsAsJSON()
    assert.equal(read.find(({ name }) => name === 'calls')?.values[0]?.value, 2)
  })

  it('bounds a counter, and counts what went beyond', async () => {
    const registry = new GuardedRegistry(1)
    const counter = registry.counter({ name: 'calls_total', help: 'Calls.', labelNames: ['path'] })

    counter.inc({ path: '/a' })
    counter.inc({ path: '/b' })
    counter.inc({ path: '/c' })

    assert.deepEqual(await samples(registry), [
      'metrics_series_overflow_total{metric="calls_total"} 2',
      'calls_total{path="/a"} 1',
      'calls_total{path="overflow"} 2',
    ])
  })

  it('bounds a gauge', async () => {
    const registry = new GuardedRegistry(1)
    const gauge = registry.gauge({ name: 'size', help: 'Size.', labelNames: ['pool'] })

    gauge.set({ pool: 'a' }, 1)
    gauge.set({ pool: 'b' }, 2)

    assert.deepEqual(await samples(registry), [
      'metrics_series_overflow_total{metric="size"} 1',
      'size{pool="a"} 1',
      'size{pool="overflow"} 2',
    ])
  })

  it('bounds a histogram', async () => {
    const registry = new GuardedRegistry(1)
    const histogram = registry.histogram({
      name: 'seconds',
      help: 'Seconds.',
      labelNames: ['path'],
      buckets: [1],
    })

    histogram.observe({ path: '/a' }, 1)
    histogram.observe({ path: '/b' }, 2)

    const lines = await samples(registry)
    assert.equal(lines[0], 'metrics_series_overflow_total{metric="seconds"} 1')
    assert.deepEqual(
      lines.filter((line) => line.startsWith('seconds_count')),
      ['seconds_count{path="/a"} 1', 'seconds_count{path="overflow"} 1'],
    )
  })

  it('bounds a summary', async () => {
    const registry = new GuardedRegistry(1)
    const summary = registry.summary({ name: 'bytes', help: 'Bytes.', labelNames: ['path'] })

    summary.observe({ path: '/a' }, 1)
    summary.observe({ path: '/b' }, 2)

    const lines = await samples(registry)
    assert.equal(lines[0], 'metrics_series_overflow_total{metric="bytes"} 1')
    assert.deepEqual(
      lines.filter((line) => line.startsWith('bytes_count')),
      ['bytes_count{path="/a"} 1', 'bytes_count{path="overflow"} 1'],
    )
  })

  it('lets a metric have a bound of its own', async () => {
    const registry = new GuardedRegistry(1)
    const gauge = registry.gauge({ name: 'size', help: 'S.', labelNames: ['pool'], maxSeries: 2 })

    gauge.set({ pool: 'a' }, 1)
    gauge.set({ pool: 'b' }, 2)
    gauge.set({ pool: 'c' }, 3)

    const lines = await samples(registry)
    assert.deepEqual(lines.slice(1), [
      'size{pool="a"} 1',
      'size{pool="b"} 2',
      'size{pool="overflow"} 3',
    ])
  })

  it('bounds each metric for itself', async () => {
    const registry = new GuardedRegistry(1)
    const one = registry.gauge({ name: 'one', help: 'One.', labelNames: ['pool'] })
    const two = registry.gauge({ name: 'two', help: 'Two.', labelNames: ['pool'] })

    one.set({ pool: 'a' }, 1)
    two.set({ pool: 'b' }, 2)

    assert.deepEqual(await samples(registry), ['one{pool="a"} 1', 'two{pool="b"} 2'])
  })

  it('bounds what a metric collects at each scrape', async () => {
    const registry = new GuardedRegistry(1)
    registry.gauge({
      name: 'size',
      help: 'Size.',
      labelNames: ['pool'],
      collect() {
        this.set({ pool: 'a' }, 1)
        this.set({ pool: 'b' }, 2)
      },
    })

    const lines = await samples(registry)

    assert.deepEqual(lines.slice(-2), ['size{pool="a"} 1', 'size{pool="overflow"} 2'])
  })

  it('leaves metrics without labels alone', async () => {
    const registry = new GuardedRegistry(0)

    registry.counter({ name: 'ticks_total', help: 'Ticks.' }).inc(3)
    registry.gauge({ name: 'size', help: 'Size.' }).set(4)

    assert.deepEqual(await samples(registry), ['ticks_total 3', 'size 4'])
  })

  it('refuses a counter whose name does not say that it is one', () => {
    const registry = new GuardedRegistry(10)

    assert.throws(() => registry.counter({ name: 'calls', help: 'Calls.' }), {
      message: 'The counter "calls" must be named "calls_total".',
    })
    assert.equal(registry.getSingleMetric('calls'), undefined)
  })
})

/** What a scraper reads, without comments. */
async function samples(registry: GuardedRegistry): Promise<string[]> {
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
