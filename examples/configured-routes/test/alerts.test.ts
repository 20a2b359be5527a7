import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { checkRunbookQueries, promtool, runbookOf } from '../../../test/support/promtool.ts'
import { missing } from '../../../test/support/stack-program.ts'

interface Alert {
  alert: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

interface RuleTests {
  tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[]
}

const home = join(import.meta.dirname, '..')
const rulesFile = join(home, 'prometheus/rules.yaml')
const testsFile = join(home, 'prometheus/rules.test.yaml')
const runbooks = join(home, 'docs/runbooks')

const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Alert[] }[] }
const alerts = groups.flatMap(({ rules }) => rules)
const { tests } = parse(readFileSync(testsFile, 'utf8')) as RuleTests

describe('an alert of the example', () => {
  it('says what is wrong, where to look and what to do', () => {
    assert.equal(alerts.length, 2)
    for (const { alert, labels, annotations } of alerts) {
      assert.equal(labels['severity'], 'warning', alert)
      assert.match(annotations['summary'] ?? '', /^[A-Z][^{}]*\.$/)
      assert.match(annotations['description'] ?? '', /\{\{ \$labels\.job \}\}[^]*\{\{ \$value/)
      assert.equal(
        annotations['dashboard_url'],
        'http://localhost:3000/d/configured-routes?var-service={{ $labels.job }}',
      )
      assert.equal(
        annotations['runbook_url'],
        `https://github.com/OWNER/REPO/blob/main/examples/configured-routes/docs/runbooks/${runbookOf(alert)}`,
      )
    }
  })

  it('has a runbook, and no runbook is without an alert', () => {
    assert.deepEqual(
      readdirSync(runbooks).toSorted(),
      alerts.map(({ alert }) => runbookOf(alert)).toSorted(),
    )
    for (const { alert } of alerts) {
      const headings = textOf(alert).match(/^##? [A-Z].*$/gm)
      assert.deepEqual(headings, [`# ${alert}`, '## What it means', '## Look here', '## Do this'])
    }
  })

  it('is tested to fire, to stop, and not to fire when all is nearly well', () => {
    for (const { alert } of alerts) {
      const runs = tests.map((test) =>
        test.alert_rule_test
          .filter(({ alertname }) => alertname === alert)
          .map(({ exp_alerts }) => exp_alerts.length > 0),
      )

      assert.ok(
        runs.some((fires) => fires.includes(true) && fires.at(-1) === false),
        `${alert} fires and stops`,
      )
      assert.ok(
        runs.some((fires) => fires.length > 0 && !fires.includes(true)),
        `${alert} does not fire`,
      )
    }
  })
})

describe('promtool', { skip: missing('promtool') }, () => {
  it('accepts the rules', () => {
    promtool('check', 'rules', '--lint=all', '--lint-fatal', rulesFile)
  })

  it('finds that the alerts do what the tests say', () => {
    promtool('test', 'rules', testsFile)
  })

  it('accepts the queries of the runbooks', () => {
    checkRunbookQueries(globSync(join(runbooks, '*.md')), 6)
  })
})

function textOf(alert: string): string {
  return readFileSync(join(runbooks, runbookOf(alert)), 'utf8')
}
