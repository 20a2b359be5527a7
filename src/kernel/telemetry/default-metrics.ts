import { collectDefaultMetrics } from 'prom-client'

import type { GuardedRegistry } from './guarded-registry.ts'

// Gauges whose names end like a counter's: `promtool check metrics` refuses them.
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

export interface BuildInformation {
  version: string
  revision: string
}

/** What every process shows: CPU, memory, garbage collection, event loop, and which build it is. */
export function addDefaultMetrics(registry: GuardedRegistry, build: BuildInformation): void {
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  addEventLoopTime(registry)

  registry
    .gauge({
      name: 'service_info',
      help: 'The build that runs, as labels; the value is always 1.',
      labelNames: ['version', 'revision', 'runtime'],
    })
    .set({ ...build, runtime: `node ${process.version}` }, 1)
}

/** As a counter, `rate()` gives the utilisation over any window and for any number of scrapers. */
function addEventLoopTime(registry: GuardedRegistry): void {
  let before = performance.eventLoopUtilization()
  registry.counter({
    name: 'nodejs_eventloop_time_seconds_total',
    help: 'Time that the event loop was active or idle.',
    labelNames: ['state'],
    collect() {
      const now = performance.eventLoopUtilization()
      this.inc({ state: 'active' }, Math.max(0, now.active - before.active) / 1000)
      this.inc({ state: 'idle' }, Math.max(0, now.idle - before.idle) / 1000)
      before = now
    },
  })
}
