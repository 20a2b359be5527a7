import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import { panelQueries } from '../../grafana/panel-queries.ts'
import { startStack } from './compose.ts'
import { sendMany } from './load.ts'
import { eventually, linesInLoki, queryPrometheus } from './servers.ts'

const variables = {
  service: 'service',
  service_name: 'greeting',
  route: '.*',
  level: '.*',
  trace_id: '',
  contains: '',
}

describe('the dashboards on the running stack', () => {
  before(async () => {
    startStack()
    const paths = ['/', '/version', '/health', '/healthz', '/nowhere']
    await sendMany(Array.from({ length: 500 }, (_, index) => paths[index % paths.length] ?? '/'))
  })

  it('every query of every panel finds data', async () => {
    const queries = [...panelQueries(variables)]
    assert.ok(queries.length > 60, `${queries.length} queries`)

    for (const { dashboard, panel, datasourceUid, expr } of queries) {
      // Annotations mark what happens now and then; nothing having happened is no fault.
      if (panel.startsWith('annotation')) continue
      await eventually(`data for "${panel}" of ${dashboard}: ${expr}`, async () =>
        datasourceUid === 'loki'
          ? await findsInLoki(expr)
          : (await queryPrometheus(expr)).length > 0,
      )
    }
  })
})

/** A metric query needs a moment, a log query a range. */
async function findsInLoki(expr: string): Promise<boolean> {
  return (await linesInLoki(expr)).length > 0
}
