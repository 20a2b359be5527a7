import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Health } from '../kernel/health.ts'
import { GuardedRegistry } from '../kernel/telemetry/guarded-registry.ts'
import { createLogger } from '../kernel/telemetry/logger.ts'
import { start } from './service.ts'

describe('start', () => {
  it('greets with the version it is given and an instance from 0 to 999', async () => {
    const { ask } = await started()

    assert.match(
      await (await ask('/')).text(),
      /^Hello, Plainsight! I'm instance \d{1,3} running version 4\.5\.6 at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$/,
    )
  })

  it('keeps its instance', async () => {
    const { ask } = await started()

    const instances = [await ask('/'), await ask('/'), await ask('/')].map(async (response) =>
      (await response.text()).replace(/ at .*/s, ''),
    )

    assert.equal(new Set(await Promise.all(instances)).size, 1)
  })

  it('tells the time of the zone in TZ', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-05T20:07:09Z') })

    const utc = await started({ TZ: 'UTC' })
    const shanghai = await started({ TZ: 'Asia/Shanghai' })

    assert.match(await (await utc.ask('/')).text(), / at 2026-03-05 20:07:09\n$/)
    assert.match(await (await shanghai.ask('/')).text(), / at 2026-03-06 04:07:09\n$/)
  })

  it('counts the calls of /healthz, from zero', async () => {
    const { ask, metrics } = await started()
    const before = await metrics()

    await ask('/healthz')
    await ask('/healthz')

    assert.match(before, /^healthz_calls_total 0$/m)
    assert.match(await metrics(), /^healthz_calls_total 2$/m)
    assert.match(before, /^# HELP healthz_calls Total number of calls to the healthz endpoint\.$/m)
  })

  it('logs each call of /healthz', async () => {
    const { ask, lines } = await started()

    await ask('/healthz')

    assert.partialDeepStrictEqual(lines(), [
      { level: 'info', msg: 'Monitoring endpoint invoked! Counter was incremented!' },
    ])
  })

  it('has the demonstration routes only when it is told to', async () => {
    const without = await started()
    const withThem = await started({ DEMO_ROUTES: true })

    assert.equal((await without.ask('/demo/slow?seconds=0')).status, 404)
    assert.equal((await withThem.ask('/demo/slow?seconds=0')).status, 200)
  })

  it('neither counts nor logs /health', async () => {
    const { ask, metrics, lines } = await started()

    await ask('/health')

    assert.match(await metrics(), /^healthz_calls_total 0$/m)
    assert.deepEqual(lines(), [])
  })
})

async function started(settings: { TZ?: string; DEMO_ROUTES?: boolean } = {}) {
  const written: string[] = []
  const logger = createLogger({
    service: 'greeting',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void written.push(line) },
  })
  const metrics = new GuardedRegistry(1000)
  const source = await start({
    settings: { TZ: settings.TZ, DEMO_ROUTES: settings.DEMO_ROUTES ?? false },
    version: '4.5.6',
    logger,
    metrics,
    health: new Health(logger),
    resources: new AsyncDisposableStack(),
  })
  const routes = typeof source === 'function' ? source() : source
  return {
    ask: async (path: string): Promise<Response> => routes.request(path),
    metrics: () => metrics.metrics(),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}
