import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

import { addDefaultMetrics } from './default-metrics.ts'
import { GuardedRegistry } from './guarded-registry.ts'
import { toPlainExposition } from './plain-exposition.ts'

const build = { version: '1.2.3', revision: 'abc' }

// Before its first turn the event loop has no time to show.
before(() => nextTurn())

describe('addDefaultMetrics', () => {
  it('shows CPU, memory, garbage collection and event loop', async () => {
    const { names } = await rendered()

    assert.deepEqual(
      [
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'process_start_time_seconds',
        'nodejs_eventloop_lag_p99_seconds',
        'nodejs_gc_duration_seconds',
        'nodejs_heap_size_used_bytes',
      ].filter((name) => !names.has(name)),
      [],
    )
  })

  it('calls counters, and only counters, _total', async () => {
    const { types } = await rendered()

    const misnamed = types.filter(
      ([name, type]) => name.endsWith('_total') !== (type === 'counter'),
    )

    assert.deepEqual(misnamed, [])
  })

  it('says which build runs', async () => {
    const { lines } = await rendered()

    assert.deepEqual(
      lines.filter((line) => line.startsWith('service_info')),
      [`service_info{version="1.2.3",revision="abc",runtime="node ${process.version}"} 1`],
    )
  })

  it('counts the time of the event loop', async () => {
    const registry = new GuardedRegistry(100)
    addDefaultMetrics(registry, build)
    const earlier = await eventLoopSeconds(registry, 'active')

    keepBusy(30)
    const later = await eventLoopSeconds(registry, 'active')

    assert.ok(later - earlier >= 0.025, `${later - earlier}`)
  })

  it('counts time in which the event loop only waited as idle', async () => {
    const registry = new GuardedRegistry(100)
    addDefaultMetrics(registry, build)
    const earlier = await eventLoopSeconds(registry, 'idle')

    await sleep(50)
    const later = await eventLoopSeconds(registry, 'idle')

    assert.ok(later - earlier >= 0.02, `${later - earlier}`)
  })

  it('counts no time twice', async () => {
    const registry = new GuardedRegistry(100)
    const started = performance.now()
    addDefaultMetrics(registry, build)

    keepBusy(30)
    await registry.metrics()
    keepBusy(30)
    const active = await eventLoopSeconds(registry, 'active')
    const elapsed = (performance.now() - started) / 1000

    assert.ok(active <= elapsed + 0.01, `${active} of ${elapsed}`)
    assert.ok(active >= 0.05, `${active} of ${elapsed}`)
  })
})

async function rendered() {
  const registry = new GuardedRegistry(100)
  addDefaultMetrics(registry, build)
  const text = toPlainExposition(await registry.metrics())
  const lines = text.split('\n')
  const types = lines.flatMap((line): [string, string][] => {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    return name !== undefined && type !== undefined ? [[name, type]] : []
  })
  return { lines, types, names: new Set(types.map(([name]) => name)) }
}

async function eventLoopSeconds(registry: GuardedRegistry, state: string): Promise<number> {
  const text = await registry.metrics()
  const [, value] =
    new RegExp(`^nodejs_eventloop_time_seconds_total\\{state="${state}"\\} (\\S+)$`, 'm').exec(
      text,
    ) ?? []
  return Number(value)
}

function keepBusy(millis: number): void {
  const end = performance.now() + millis
  while (performance.now() < end);
}
