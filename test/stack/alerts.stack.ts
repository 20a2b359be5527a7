import assert from 'node:assert/strict'
import {
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { compose, docker, startStack } from './compose.ts'
import { steadyLoad } from './load.ts'
import { alertsInAlertmanager, eventually, queryPrometheus } from './servers.ts'

const alertName = 'ServiceTelemetryLost'
const hurriedPort = 19_090
const hurriedUrl = `http://127.0.0.1:${hurriedPort}`

describe('an alert', () => {
  it('goes pending and fires when telemetry is lost, reaches Alertmanager, and ends when it no longer is', async () => {
    startStack({ COMPOSE_PROFILES: 'alerts' })
    await using cleanup = new AsyncDisposableStack()
    cleanup.defer(() => compose('rm', '--stop', '--force', 'alertmanager'))
    startHurriedPrometheus(cleanup)
    const alert = (state: string) => `ALERTS{alertname="${alertName}",alertstate="${state}"}`
    const isThere = async (query: string) => (await queryPrometheus(query, hurriedUrl)).length > 0
    await eventually('the first scrape', () => isThere('up{job="service"} == 1'))
    assert.equal(await isThere(alert('firing')), false)

    const load = steadyLoad('/version', 20)
    cleanup.defer(() => void load.stop())
    await compose('stop', 'otel-collector')
    cleanup.defer(() => compose('start', 'otel-collector'))

    // A batch is given up after OTEL_BSP_EXPORT_TIMEOUT, half a minute.
    await eventually('the alert fires', () => isThere(`max_over_time(${alert('firing')}[5m])`), 120)
    assert.ok(await isThere(`max_over_time(${alert('pending')}[5m])`), 'it was pending before')
    const received = await eventually('Alertmanager has it', async () =>
      (await alertsInAlertmanager()).find(({ labels }) => labels['alertname'] === alertName),
    )
    assert.equal(received.labels['severity'], 'warning')
    assert.match(received.annotations['runbook_url'] ?? '', /\/service-telemetry-lost\.md$/)

    await compose('start', 'otel-collector')
    await eventually(
      'the alert ends',
      async () => !(await isThere(alert('firing'))) && !(await isThere(alert('pending'))),
      60,
    )
  })
})

/** A second Prometheus beside the stack's, with the same rule files in which minutes are read as seconds. */
function startHurriedPrometheus(cleanup: AsyncDisposableStack): void {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-alerts-'))
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'rules'))
  for (const file of globSync('prometheus/rules/*.yaml')) {
    writeFileSync(join(folder, 'rules', basename(file)), hurried(readFileSync(file, 'utf8')))
  }
  writeFileSync(join(folder, 'prometheus.yaml'), hurriedConfig())
  // Prometheus is another user in there.
  chmodSync(folder, 0o755)
  const image = 'prom/prometheus:v3.15.0'
  const name = 'plainsight-hurried-prometheus'
  const command = [
    'run',
    '--detach',
    '--rm',
    '--name',
    name,
    '--network',
    'plainsight_plainsight',
    '--publish',
    `127.0.0.1:${hurriedPort}:9090`,
    '--volume',
    `${folder}:/etc/prometheus:ro`,
    image,
    '--config.file=/etc/prometheus/prometheus.yaml',
    '--storage.tsdb.path=/prometheus',
  ]
  docker(...command)
  cleanup.defer(() => void docker('stop', name))
}

/** The stack's own, with the service alone, which is enough. JSON is YAML, too. */
function hurriedConfig(): string {
  const { rule_files, alerting, scrape_configs } = parse(
    readFileSync('prometheus/prometheus.yaml', 'utf8'),
  ) as { rule_files: string[]; alerting: object; scrape_configs: { job_name: string }[] }
  return JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files,
    alerting,
    scrape_configs: scrape_configs.filter(({ job_name }) => job_name === 'service'),
  })
}

/** The factor of 60 that prometheus/rules/objectives.yaml describes. */
function hurried(rules: string): string {
  const minutes: Record<string, number> = { m: 1, h: 60, d: 1440 }
  return rules.replaceAll(
    /\b(\d+)([mhd])\b/g,
    (_duration, count: string, unit: string) => `${Number(count) * (minutes[unit] ?? 1)}s`,
  )
}
