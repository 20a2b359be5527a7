import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { checkRunbookQueries, promtool, runbookOf } from '../../../test/support/promtool.ts'
import { missing } from '../../../test/support/stack-program.ts'
import { keyValueDashboard } from '../grafana/dashboard.ts'

interface Alert {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: Record<string, string>
}

const example = join(import.meta.dirname, '..')
const rulesFile = join(example, 'prometheus/rules.yaml')
const testsFile = join(example, 'prometheus/rules.test.yaml')
const runbookFiles = globSync(join(example, 'docs/runbooks/*.md'))

const alerts = (
  parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Alert[] }[] }
).groups.flatMap(({ rules }) => rules)
const { tests } = parse(readFileSync(testsFile, 'utf8')) as {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
}

describe('an alert of key-value', () => {
  it('says what is wrong, where to look and what to do', () => {
    assert.equal(alerts.length, 5)
    for (const { alert, labels, annotations } of alerts) {
      const { summary = '', description = '' } = annotations
      assert.ok(['critical', 'warning'].includes(labels.severity), alert)
      assert.match(summary, /^[A-Z][^{}]*\.$/, alert)
      assert.match(description, /\{\{ \$labels\.instance \}\}.*\.$/s, alert)
      assert.equal(
        annotations['dashboard_url'],
        `http://localhost:3000/d/${keyValueDashboard.uid}?var-service={{ $labels.job }}`,
      )
      assert.equal(
        annotations['runbook_url'],
        `https://github.com/OWNER/REPO/blob/main/examples/key-value/docs/runbooks/${runbookOf(alert)}`,
      )
    }
  })

  it('has a runbook, and no runbook is without an alert', () => {
    assert.deepEqual(
      runbookFiles.map((file) => basename(file)).toSorted(),
      alerts.map(({ alert }) => runbookOf(alert)).toSorted(),
    )
    for (const { alert } of alerts) {
      const text = readFileSync(join(example, `docs/runbooks/${runbookOf(alert)}`), 'utf8')
      assert.deepEqual(text.match(/^##? [A-Z].*$/gm), [
        `# ${alert}`,
        '## What it means',
        '## Look here',
        '## Do this',
      ])
    }
  })

  it('is tested to fire, to stop, and not to fire when all is nearly well', () => {
    for (const { alert } of alerts) {
      const runs = tests.map(({ alert_rule_test }) =>
        alert_rule_test
          .filter(({ alertname }) => alertname === alert)
          .map(({ exp_alerts }) => exp_alerts.length > 0),
      )

      assert.ok(
        runs.some((fires) => fires.includes(true) && fires.at(-1) === false),
        `${alert} stops`,
      )
      assert.ok(
        runs.some((fires) => fires.length > 0 && !fires.includes(true)),
        `${alert} is silent`,
      )
    }
  })

  it('asks only for metrics that the README lists', () => {
    const readme = readFileSync(join(example, 'README.md'), 'utf8')

    for (const { expr, alert } of alerts) {
      for (const name of expr.match(/redis_\w+/g) ?? []) {
        assert.ok(readme.includes(`| \`${name.replace(/_count$/, '')}\``), `${alert}: ${name}`)
      }
      assert.ok(readme.includes(`[${alert}](docs/runbooks/`), alert)
    }
  })
})

describe('promtool', { skip: missing('promtool') }, () => {
  it('accepts the rules', () => {
    promtool('check', 'rules', '--lint=all', '--lint-fatal', rulesFile)
  })

  it('finds that the alerts do what rules.test.yaml says', () => {
    promtool('test', 'rules', testsFile)
  })

  it('accepts the queries of the runbooks', () => {
    checkRunbookQueries(runbookFiles, 10)
  })
})
