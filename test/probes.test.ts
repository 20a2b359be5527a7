import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { valueOf } from './support/exposition.ts'
import { startObserved, traceIdOf } from './support/observed-service.ts'

describe('probes and /metrics', { concurrency: true }, () => {
  it('leave no span, no access line and no observation', async () => {
    await using observed = await startObserved()
    const { service, receiver } = observed
    const paths = ['/livez', '/readyz', '/startupz', '/metrics']

    for (const path of paths) {
      assert.equal((await fetch(`${service.url}${path}`)).status, 200)
      assert.equal((await fetch(`${service.url}${path}`, { method: 'HEAD' })).status, 200)
      const refused = await fetch(`${service.url}${path}`, { method: 'POST' })
      assert.equal(refused.status, 405)
      assert.equal(refused.headers.get('x-trace-id'), null)
    }
    const recorded = await fetch(`${service.url}/parcels/1`)
    await observed.telemetryOf(traceIdOf(recorded))

    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['GET /parcels/:id'],
    )
    assert.equal(service.lines.filter((line) => 'duration_ms' in line).length, 1)
    assert.equal(valueOf(await observed.samples(), 'http_server_request_duration_seconds_count'), 1)
  })

  it('/readyz lists every check with its state and its time', async () => {
    await using observed = await startObserved({ env: { BEHAVIOUR: 'not-ready' } })

    const response = await fetch(`${observed.service.url}/readyz`)

    assert.equal(response.status, 503)
    const report = (await response.json()) as ReadinessReport
    assert.equal(report.status, 'not-ready')
    assert.deepEqual(
      report.checks.map(({ name, state, critical, error }) => [name, state, critical, error]),
      [
        ['warehouse', 'fail', true, 'the warehouse is closed'],
        ['belt', 'pass', false, undefined],
      ],
    )
    for (const { time, duration_ms } of report.checks) {
      assert.ok(Date.now() - Date.parse(time) < 5000)
      assert.ok(duration_ms >= 0)
    }
    assert.equal((await fetch(`${observed.service.url}/livez`)).status, 200)
  })

  it('a state is logged when it changes, not when it is asked for', async () => {
    await using observed = await startObserved({ env: { BEHAVIOUR: 'not-ready' } })
    for (let probe = 0; probe < 5; probe += 1) await fetch(`${observed.service.url}/readyz`)
    await observed.service.stop()

    const states = observed.service.lines.filter(({ msg }) => /ready/.test(msg ?? ''))
    assert.deepEqual(
      states.map(({ level, msg, failures }) => [level, msg, failures]),
      [
        ['warn', 'not ready', { warehouse: 'the warehouse is closed' }],
        ['warn', 'not ready: draining', { warehouse: 'the warehouse is closed' }],
      ],
    )
  })

  it('a check that never answers does not hold the probe up', async () => {
    await using observed = await startObserved({ env: { BEHAVIOUR: 'slow-check' } })
    const started = performance.now()

    const response = await fetch(`${observed.service.url}/readyz`)

    assert.equal(response.status, 503)
    assert.ok(performance.now() - started < 1000)
    await sleep(1100)
    const later = (await (await fetch(`${observed.service.url}/readyz`)).json()) as ReadinessReport
    assert.match(later.checks[0]?.error ?? '', /still not answered/)
  })

  it('OPS_PORT moves them to a second port, and nowhere else', async () => {
    await using observed = await startObserved({ env: { OPS_PORT: '0' } })
    const { service } = observed

    assert.notEqual(service.opsUrl, service.url)
    assert.equal((await fetch(`${service.opsUrl}/readyz`)).status, 200)
    assert.equal((await fetch(`${service.opsUrl}/metrics`)).status, 200)
    assert.equal((await fetch(`${service.url}/metrics`)).status, 404)
    assert.equal((await fetch(`${service.opsUrl}/parcels/1`)).status, 404)
  })
})

interface ReadinessReport {
  status: string
  checks: {
    name: string
    state: string
    critical: boolean
    time: string
    duration_ms: number
    error?: string
  }[]
}
