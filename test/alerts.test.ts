import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { durationBucketsSeconds } from '../src/kernel/telemetry/request-metrics.ts'
import { checkRunbookQueries, promtool, runbookOf } from './support/promtool.ts'
import { missing } from './support/stack-program.ts'

interface Rule {
  record?: string
  alert?: string
  expr: string
  for?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

interface RuleTests {
  evaluation_interval: string
  tests: { name: string; alert_rule_test: Expectation[] }[]
}

interface Expectation {
  alertname: string
  exp_alerts: { exp_labels: Record<string, string> }[]
}

const ruleFiles = globSync('prometheus/rules/*.yaml').toSorted()
const testFiles = globSync('prometheus/tests/*.test.yaml').toSorted()

const rules = ruleFiles.flatMap((file) =>
  (parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  ),
)
const alerts = rules.filter((rule) => rule.alert !== undefined)
const tests = testFiles.flatMap((file) => (parse(readFileSync(file, 'utf8')) as RuleTests).tests)

const severities = ['critical', 'warning', 'info']
const dashboards = ['service', 'runtime', 'telemetry-pipeline', 'logs', 'home']
const aDuration = /\b(\d+)([mhd])\b/g
const inMinutes: Record<string, number> = { m: 1, h: 60, d: 1440 }

describe('an alert', () => {
  for (const alert of alerts) {
    const name = alert.alert ?? ''
    const { summary = '', description = '', ...links } = alert.annotations ?? {}

    it(`${name} (${alert.labels?.['severity']}) says what is wrong, where to look and what to do`, () => {
      assert.match(name, /^([A-Z][a-z]+){2,}$/)
      assert.ok(severities.includes(alert.labels?.['severity'] ?? ''))
      assert.match(summary, /^[A-Z][^{}]*\.$/, 'the summary is a sentence without values')
      assert.match(description, /\{\{ \$labels\.(job|instance) \}\}/)
      assert.match(description, /\.$/)
      if (!alert.expr.startsWith('absent')) assert.match(description, /\{\{ \$(value|labels\.inst)/)

      const [, uid = '', query] =
        /^http:\/\/localhost:3000\/d\/([a-z-]+)(\?.*)?$/.exec(links['dashboard_url'] ?? '') ?? []
      assert.ok(dashboards.includes(uid), `dashboard_url: ${links['dashboard_url']}`)
      // The collector is no service that a dashboard could be filled in with.
      const filledIn = name.startsWith('Collector') ? undefined : '?var-service={{ $labels.job }}'
      assert.equal(query, filledIn)
      assert.equal(
        links['runbook_url'],
        `https://github.com/OWNER/REPO/blob/main/docs/runbooks/${runbookOf(name)}`,
      )
    })

    it(`${name} (${alert.labels?.['severity']}) is seen to fire in a promtool test`, () => {
      const fired = expectationsOf(name).some(({ exp_alerts }) =>
        exp_alerts.some(({ exp_labels }) => exp_labels['severity'] === alert.labels?.['severity']),
      )
      assert.ok(fired)
    })
  }

  it('has a runbook, and no runbook is without an alert', () => {
    const files = globSync('docs/runbooks/*.md').map((file) => basename(file))

    assert.deepEqual(files.toSorted(), [...names()].map(runbookOf).toSorted())
  })

  it('has a runbook with its name, what it means, where to look and what to do', () => {
    for (const name of names()) {
      const headings = readFileSync(`docs/runbooks/${runbookOf(name)}`, 'utf8').match(
        /^##? [A-Z].*$/gm,
      )

      assert.deepEqual(headings, [`# ${name}`, '## What it means', '## Look here', '## Do this'])
    }
  })

  it('is tested to fire, to stop, and not to fire when all is nearly well', () => {
    for (const name of names()) {
      const runs = tests.map((test) =>
        test.alert_rule_test
          .filter(({ alertname }) => alertname === name)
          .map(({ exp_alerts }) => exp_alerts.length > 0),
      )

      const stops = runs.some((fires) => fires.includes(true) && fires.at(-1) === false)
      assert.ok(stops, `${name}: no test in which it fires and then stops`)
      const silent = runs.some((fires) => fires.length > 0 && !fires.includes(true))
      assert.ok(silent, `${name}: no test in which it does not fire`)
    }
  })

  it('is no name that only the tests know', () => {
    const tested = tests.flatMap(({ alert_rule_test }) =>
      alert_rule_test.map(({ alertname }) => alertname),
    )

    assert.deepEqual(new Set(tested), names())
  })
})

describe('the rules', () => {
  it('use only objectives and records that exist', () => {
    const recorded = new Set(rules.map(({ record }) => record))
    const used = rules.flatMap((rule) =>
      `${rule.expr} ${JSON.stringify(rule.annotations ?? {})}`.match(
        /\b(objective|job\w*):[\w:]+/g,
      ),
    )

    assert.ok(used.length > 10)
    for (const name of used) assert.ok(name === null || recorded.has(name), `${name} is unknown`)
  })

  it('take a bound of the histogram as the objective of latency', () => {
    const objective = rules.find(({ record }) => record === 'objective:http_latency:ratio')

    assert.ok(durationBucketsSeconds.map(String).includes(objective?.labels?.['le'] ?? ''))
  })

  it('have one list of the jobs that are not services', () => {
    const lists = rules.flatMap(({ expr }) => expr.match(/job!~"[^"]*"/g) ?? [])

    assert.ok(lists.length > 1)
    assert.equal(new Set(lists).size, 1)
  })

  it('have durations that one factor can shorten', () => {
    for (const { expr, for: patience, alert, record, annotations, labels } of rules) {
      const name = alert ?? record ?? ''
      // What a range, an offset or a `for` may hold is all that the pattern finds: nothing else is changed.
      const ranges = [...expr.matchAll(/\[([^\]]*)\]/g)].map(([, range = '']) => range)
      const offsets = [...expr.matchAll(/\boffset\s+([^)\s]+)/g)].map(([, offset = '']) => offset)
      const durations = [...ranges, ...offsets, ...(patience ? [patience] : [])]
      const found: string[] = `${expr} ${patience ?? ''}`.match(aDuration) ?? []
      assert.deepEqual(found.toSorted(), durations.toSorted(), name)
      assert.doesNotMatch(JSON.stringify({ annotations, labels }), aDuration, name)
      for (const range of ranges) {
        const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(range) ?? []
        assert.ok(Number(count) * (inMinutes[unit] ?? 0) >= 5, `${name}: ${range} is too short`)
      }
    }
  })
})

describe('promtool', { skip: missing('promtool') }, () => {
  it('accepts the configuration of Prometheus', () => {
    promtool('check', 'config', 'prometheus/prometheus.yaml')
  })

  it('accepts the rules', () => {
    promtool('check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles)
  })

  it('accepts the rules with minutes read as seconds', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plainsight-rules-'))
    try {
      const shortened = ruleFiles.map((file) => {
        const copy = join(folder, basename(file))
        writeFileSync(copy, minutesAsSeconds(readFileSync(file, 'utf8')))
        return copy
      })

      promtool('check', 'rules', ...shortened)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('accepts the queries of the runbooks', () => {
    checkRunbookQueries(globSync('docs/runbooks/*.md'), 10)
  })

  for (const file of testFiles) {
    it(`finds that the alerts do what ${file} says`, () => {
      promtool('test', 'rules', file)
    })
  }
})

function names(): Set<string> {
  return new Set(alerts.map(({ alert = '' }) => alert))
}

function expectationsOf(name: string): Expectation[] {
  return tests
    .flatMap(({ alert_rule_test }) => alert_rule_test)
    .filter(({ alertname }) => alertname === name)
}

/** The factor that prometheus/rules/objectives.yaml documents. */
function minutesAsSeconds(yaml: string): string {
  return yaml.replace(
    aDuration,
    (_, count: string, unit: string) => `${Number(count) * (inMinutes[unit] ?? 0)}s`,
  )
}
