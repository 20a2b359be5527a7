import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import { panelQueries } from '../../grafana/panel-queries.ts'
import { runLoad } from '../load/run-load.ts'
import { dashboardVariables } from '../support/dashboard-variables.ts'
import { startStack } from './compose.ts'
import { send } from './load.ts'
import { eventually, linesInLoki, queryPrometheus, serviceUrl } from './servers.ts'

describe('the dashboards on the running stack', () => {
  before(async () => {
    startStack()
    // A rate cannot see the step from nothing to the first failure: that is to have been scraped before.
    for (const path of ['/demo/bug', '/demo/unavailable']) {
      await send(path)
      await eventually(`the first failure of ${path}`, async () => {
        const query = `http_server_request_duration_seconds_count{http_route="${path}"}`
        return (await queryPrometheus(query)).length > 0
      })
    }
    const { signal } = new AbortController()
    await runLoad({ url: serviceUrl, seconds: 20, perSecond: 40, signal })
  })

  it('every query of every panel finds data', async () => {
    const queries = [...panelQueries(dashboardVariables)]
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

  it('show that the collector takes and hands on, each signal', async () => {
    const questions = panelQueries(dashboardVariables).filter(
      ({ panel }) => panel === 'Does all go on that comes in?',
    )

    assert.equal(questions.length, 5)
    for (const { expr } of questions) {
      await eventually(`more than 0: ${expr}`, async () => {
        const [series] = await queryPrometheus(expr)
        return series !== undefined && series.value > 0
      })
    }
  })

  it('show what the load did: routes that fail, routes that are slow', async () => {
    const ask = (panel: string) => {
      const found = panelQueries(dashboardVariables).find((query) => query.panel === panel)
      return queryPrometheus(found?.expr ?? assert.fail(`no panel "${panel}"`))
    }
    await eventually('both failing routes', async () => {
      const failing = (await ask('Which routes fail?')).filter(({ value }) => value > 0)
      const routes = new Set(failing.map(({ metric }) => metric['http_route']))
      return routes.isSupersetOf(new Set(['/demo/bug', '/demo/unavailable']))
    })
    await eventually('the slow route above all others', async () => {
      const routes = await ask('How long does each route take?')
      const [slowest] = routes.toSorted((one, other) => other.value - one.value)
      return slowest?.metric['http_route'] === '/demo/slow' && slowest.value > 0.25
    })
  })
})

/** A metric query needs a moment, a log query a range. */
async function findsInLoki(expr: string): Promise<boolean> {
  return (await linesInLoki(expr)).length > 0
}
