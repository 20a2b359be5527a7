import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { missing, stackProgram } from '../../../test/support/stack-program.ts'
import { dashboardFile } from '../../../grafana/dashboard-file.ts'
import { keyValueDashboard } from './dashboard.ts'

interface Panel {
  title: string
  description?: string
  datasource?: { uid: string }
  fieldConfig?: { defaults: { unit?: string } }
  targets?: { expr: string }[]
}

const panels = keyValueDashboard.panels as unknown as Panel[]
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

describe('the key-value dashboard', () => {
  it('is what generate.ts makes of its TypeScript', () => {
    const { path, text } = dashboardFile(keyValueDashboard, import.meta.dirname)

    assert.equal(readFileSync(path, 'utf8'), text, 'run `npm run dashboards` here')
  })

  it('has panels that ask a question, say how to read the answer, and in which unit', () => {
    assert.equal(panels.length, 12)
    for (const { title, description, datasource, fieldConfig } of panels) {
      assert.match(title, /\?$/)
      assert.match(description ?? '', /\.$/, title)
      assert.equal(datasource?.uid, 'prometheus', title)
      assert.ok(fieldConfig?.defaults.unit, title)
    }
  })

  it('asks for each metric of Redis that the README lists, and no other', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
    const listed = [...readme.matchAll(/^\| `(redis_\w+)`/gm)].map(([, name = '']) => name)
    const asked = queries
      .flatMap((expr) => expr.match(/redis_\w+/g) ?? [])
      .map((name) => name.replace(/_(bucket|count|sum)$/, ''))

    assert.deepEqual([...new Set(asked)].toSorted(), listed.toSorted())
  })

  it('asks in PromQL that parses', { skip: missing('promtool') }, () => {
    const rules = queries.map((expr, index) => ({
      record: `panel:query:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }))
    const folder = mkdtempSync(join(tmpdir(), 'key-value-dashboard-'))
    try {
      const file = join(folder, 'queries.json')
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))

      execFileSync(stackProgram('promtool'), ['check', 'rules', '--lint=none', file])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
