import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'

import { panelQueries } from '../../grafana/panel-queries.ts'
import { dashboardVariables } from '../support/dashboard-variables.ts'
import { compose, startStack } from './compose.ts'
import { sendMany } from './load.ts'
import { eventually, queryPrometheus, serviceUrl } from './servers.ts'
import type { Series } from './servers.ts'

// A minute, so that what an earlier test broke is soon over.
const questions = panelQueries({ ...dashboardVariables, __range: '1m' })
  .filter(({ datasourceUid }) => datasourceUid === 'prometheus')
  .map((query) => ({ ...query, counters: failureCountersIn(query.expr) }))
  .filter(({ counters }) => counters.size > 0)

const notYetProvoked = new Set(questions.flatMap(({ counters }) => [...counters]))

/** Hands nothing on: each store is at a closed port and not tried again, and beside it is a queue that takes nothing. */
const hopeless = {
  exporters: {
    'otlp_grpc/jaeger': { endpoint: '127.0.0.1:1', retry_on_failure: { enabled: false } },
    'otlp_http/loki': { endpoint: 'http://127.0.0.1:1', retry_on_failure: { enabled: false } },
    'otlp_http/prometheus': {
      endpoint: 'http://127.0.0.1:1',
      retry_on_failure: { enabled: false },
    },
    'otlp_http/full': {
      endpoint: 'http://127.0.0.1:1',
      sending_queue: { sizer: 'bytes', queue_size: 1 },
    },
  },
  connectors: { span_metrics: { metrics_flush_interval: '1s' } },
  service: {
    pipelines: {
      traces: { exporters: ['otlp_grpc/jaeger', 'otlp_http/full', 'span_metrics'] },
      metrics: { exporters: ['otlp_http/prometheus', 'otlp_http/full'] },
      logs: { exporters: ['otlp_http/loki', 'otlp_http/full'] },
    },
  },
}
const hopelessLayer = `'--config=yaml:${JSON.stringify(hopeless)}'`

describe('a failure that the dashboards count', () => {
  before(() => startStack())
  after(async () => {
    startStack()
    // Its counters begin at 0 again, as others expect.
    await compose('restart', 'service')
  })

  it('is counted as 0, not as nothing, before the first', async () => {
    for (const { dashboard, panel, expr } of questions) {
      await eventually(
        `0 for "${panel}" of ${dashboard}: ${expr}`,
        async () => {
          const series = await queryPrometheus(expr)
          return series.length > 0 && series.every(({ value }) => value === 0)
        },
        90,
      )
    }
  })

  it('is shown when what arrives is no request', async () => {
    const { hostname, port } = new URL(serviceUrl)
    const socket = connect(Number(port), hostname).resume()
    socket.end('this is not HTTP\r\n\r\n')
    await once(socket, 'close')

    await shown('http_server_refused_requests_total')
  })

  it('is shown when the collector refuses, and a feature gate of it calls that failed', async () => {
    // What counts as refused without this gate counts as failed with it, and nothing else does; dashboards add up both.
    startStack({
      COLLECTOR_LAYERS: `--feature-gates=+receiverhelper.newReceiverMetrics ${hopelessLayer}`,
    })
    await sendSome()

    await shown('otelcol_receiver_failed_spans', 'otelcol_receiver_failed_log_records')
  })

  it('is shown when the collector can neither send nor queue, and so refuses', async () => {
    startStack({ COLLECTOR_LAYERS: hopelessLayer })
    await sendSome()

    await shown(
      'otelcol_exporter_send_failed_spans',
      'otelcol_exporter_send_failed_log_records',
      'otelcol_exporter_send_failed_metric_points',
      'otelcol_exporter_enqueue_failed_spans',
      'otelcol_exporter_enqueue_failed_log_records',
      'otelcol_exporter_enqueue_failed_metric_points',
      'otelcol_receiver_refused_spans',
      'otelcol_receiver_refused_log_records',
    )
  })

  it('is shown when the service gives up what the collector would not take', async () => {
    // After OTEL_BSP_EXPORT_TIMEOUT, half a minute.
    await shown('telemetry_dropped_total')
  })

  it('is provoked here, each of them', () => {
    assert.deepEqual([...notYetProvoked], [])
  })
})

async function sendSome(): Promise<void> {
  await sendMany(Array.from({ length: 20 }, () => '/version'))
}

/** Every panel that asks for one of the counters shows more than 0: of each signal, if it tells them apart. */
async function shown(...counters: string[]): Promise<void> {
  for (const counter of counters) {
    const asking = questions.filter((question) => question.counters.has(counter))
    assert.ok(
      asking.some((question) => question.counters.size === 1),
      `no panel shows ${counter} by itself`,
    )
    for (const { dashboard, panel, expr } of asking) {
      await eventually(`more than 0 for "${panel}" of ${dashboard}: ${expr}`, async () => {
        const counts = countsBySignal(await queryPrometheus(expr))
        return counts.length > 0 && counts.every((count) => count > 0)
      })
    }
    notYetProvoked.delete(counter)
  }
}

function countsBySignal(series: Series[]): number[] {
  const groups = Map.groupBy(series, ({ metric }) => metric['signal'])
  return [...groups.values()].map((group) => group.reduce((sum, { value }) => sum + value, 0))
}

function failureCountersIn(expr: string): Set<string> {
  const names = expr.matchAll(/\b\w+_(?:dropped|failed|refused)_\w+/g)
  return new Set(names.map(([name]) => name))
}
