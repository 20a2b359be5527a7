import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { dashboardFile } from '../../../grafana/dashboard-file.ts'
import { panelQueries } from '../../../grafana/panel-queries.ts'
import { missing, stackProgram } from '../../../test/support/stack-program.ts'
import { configuredRoutesDashboard } from '../grafana/configured-routes.ts'
import { startExample } from './running-example.ts'

const { text } = dashboardFile(configuredRoutesDashboard)
const expressions = panelQueries(
  { service: 'configured-routes', service_name: 'configured-routes' },
  [configuredRoutesDashboard],
)
  .filter(({ datasourceUid }) => datasourceUid === 'prometheus')
  .map(({ expr }) => expr)

describe('the dashboard', () => {
  it('is what generate.ts makes of its TypeScript', () => {
    const file = join(import.meta.dirname, '../grafana/configured-routes.json')

    assert.equal(readFileSync(file, 'utf8'), text, 'run `npm run dashboards`')
  })

  it('asks for what the service emits', async () => {
    await using example = await startExample('routes: {}')
    const emitted = new Set((await example.samples()).map(({ name }) => name))
    const asked = expressions.flatMap((expr) => expr.match(/\bconfig_\w+/g) ?? [])

    assert.ok(asked.length >= 6)
    for (const name of asked) assert.ok(emitted.has(name), name)
  })

  it('looks for lines that the service writes', async () => {
    await using example = await startExample('routes: {}')
    const [, pattern = ''] = /\|~ \\"([^"\\]+)\\"/.exec(text) ?? []
    await example.write('routes: [')
    await example.service.waitForLine('refusal', ({ level }) => level === 'warn')

    const found = example.service.lines.filter(({ msg = '' }) => new RegExp(pattern).test(msg))
    assert.deepEqual(
      found.map(({ level }) => level),
      ['info', 'warn'],
    )
  })

  it('asks in PromQL that parses', { skip: missing('promtool') }, () => {
    const rules = expressions.map((expr, index) => ({ record: `panel:query:${index}`, expr }))
    const folder = mkdtempSync(join(tmpdir(), 'configured-routes-'))
    try {
      const file = join(folder, 'queries.json')
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))
      const stdout = execFileSync(stackProgram('promtool'), ['check', 'rules', '--lint=none', file])

      assert.match(stdout.toString(), new RegExp(`${rules.length} rules found`))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
