import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { GuardedRegistry } from './guarded-registry.ts'
import { observeInCell } from './histogram-cell.ts'

const labels = { route: '/users/:id', status: '200' }

describe('observeInCell', () => {
  it('leaves what the public observe leaves', async () => {
    const publicly = histogramOf(10)
    const inCell = histogramOf(10)
    const observe = observeInCell(inCell.histogram, labels)

    for (const value of [0.01, 0.1, 0.11, 5, 0, -1, 0.1, 10, 10.5, 1e9]) {
      publicly.histogram.observe({ labels, value })
      observe(value)
    }

    assert.equal(await inCell.registry.metrics(), await publicly.registry.metrics())
  })

  it('takes the short way from the second value on: prom-client is as it is known to be', () => {
    const { histogram } = histogramOf(10)
    const observe = observeInCell(histogram, labels)
    observe(1)
    const publicly = { calls: 0 }
    Object.assign(histogram, { observe: () => (publicly.calls += 1) })

    observe(1)
    observe(2)

    assert.equal(publicly.calls, 0)
  })

  it('finds a cell that an exemplar made', () => {
    const { histogram } = histogramOf(10)
    histogram.observe({ labels: { ...labels }, value: 1, exemplarLabels: { trace_id: 'aa' } })
    const observe = observeInCell(histogram, labels)
    observe(1)
    const publicly = { calls: 0 }
    Object.assign(histogram, { observe: () => (publicly.calls += 1) })

    observe(1)

    assert.equal(publicly.calls, 0)
  })

  it('counts on after a reset and a removal', async () => {
    const { registry, histogram } = histogramOf(10)
    const observe = observeInCell(histogram, labels)
    observe(1)
    observe(1)

    histogram.reset()
    observe(1)
    histogram.remove(labels)
    observe(1)
    observe(1)

    assert.match(await registry.metrics(), /seconds_count\{route="\/users\/:id",status="200"\} 2/)
  })

  it('above its maximum of series, counts each value to the overflow series', async () => {
    const { registry, histogram } = histogramOf(1)
    histogram.observe({ labels: { route: '/', status: '200' }, value: 1 })
    const observe = observeInCell(histogram, labels)

    observe(1)
    observe(1)
    observe(1)

    const text = await registry.metrics()
    assert.match(text, /seconds_count\{route="overflow",status="overflow"\} 3/)
    assert.match(text, /metrics_series_overflow_total\{metric="duration_seconds"\} 3/)
  })

  it('refuses what is no number, as the public observe does', () => {
    const observe = observeInCell(histogramOf(10).histogram, labels)
    observe(1)

    assert.throws(() => observe(Number.NaN), /not a valid number/)
  })

  it('goes the public way where the library is another', async () => {
    const { registry, histogram } = histogramOf(10)
    Object.assign(histogram, { upperBounds: new Set([1]) })
    const calls: unknown[] = []
    Object.assign(histogram, { observe: (value: unknown) => calls.push(value) })
    const observe = observeInCell(histogram, labels)

    observe(1)
    observe(2)

    assert.deepEqual(calls, [
      { labels, value: 1 },
      { labels, value: 2 },
    ])
    assert.ok(registry)
  })
})

function histogramOf(maxSeries: number) {
  const registry = new GuardedRegistry(100)
  const histogram = registry.histogram<'route' | 'status' | 'trace_id'>({
    name: 'duration_seconds',
    help: 'For the test.',
    labelNames: ['route', 'status'],
    buckets: [0.1, 1, 10],
    enableExemplars: true,
    maxSeries,
  })
  return { registry, histogram }
}
