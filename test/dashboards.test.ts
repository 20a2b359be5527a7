import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

import { parse } from 'yaml'

import { dashboardFile } from '../grafana/dashboard-file.ts'
import { dashboards } from '../grafana/dashboards.ts'
import { panelQueries } from '../grafana/panel-queries.ts'
import { dashboardVariables } from './support/dashboard-variables.ts'
import { startService } from './support/service-process.ts'
import { missing, stackProgram } from './support/stack-program.ts'

const queries = panelQueries(dashboardVariables)
const promQl = queries.filter(({ datasourceUid }) => datasourceUid === 'prometheus')

describe('grafana/dashboards', () => {
  it('are what generate.ts makes of their TypeScript', async () => {
    for (const { path, text } of dashboards.map((dashboard) => dashboardFile(dashboard))) {
      assert.equal(await readFile(path, 'utf8'), text, `${path}: run \`node grafana/generate.ts\``)
    }
  })

  it('hold one file a uid, and none that nothing generates', async () => {
    const files = (await readdir('grafana/dashboards')).filter((name) => name.endsWith('.json'))
    const uids = dashboards.map(({ uid }) => uid ?? '')

    assert.equal(new Set(uids).size, uids.length)
    assert.deepEqual(files.map((name) => basename(name, '.json')).toSorted(), uids.toSorted())
    for (const uid of uids) assert.match(uid, /^[\w-]{1,40}$/)
  })

  it('have panels that ask a question, say how to read the answer, and in which unit', async () => {
    const sources = new Set((await provisionedSources()).map(({ uid }) => uid))

    for (const { where, panel } of allPanels()) {
      if (panel.type === 'row' || panel.type === 'text') continue
      assert.match(panel.title ?? '', /\?$/, where)
      assert.match(panel.description ?? '', /\.$/, `${where}: a description`)
      if (panel.type !== 'logs') assert.ok(panel.fieldConfig?.defaults.unit, `${where}: a unit`)
      assert.ok(sources.has(panel.datasource?.uid ?? ''), `${where}: a data source`)
      assert.ok(panel.targets?.length, `${where}: a query`)
      for (const target of panel.targets) {
        assert.equal(target.datasource?.uid, panel.datasource?.uid, where)
      }
    }
  })

  it('number their panels, and lay them out without overlap within 24 columns', () => {
    for (const dashboard of dashboards) {
      const panels = allPanels().filter(({ uid }) => uid === dashboard.uid)
      const ids = panels.map(({ panel }) => panel.id)
      const cells = panels.flatMap(({ panel }) => cellsOf(panel.gridPos))

      assert.equal(new Set(ids).size, ids.length, dashboard.uid ?? '')
      assert.equal(new Set(cells).size, cells.length, `${dashboard.uid}: panels overlap`)
      for (const { where, panel } of panels) {
        assert.ok(panel.gridPos.x + panel.gridPos.w <= 24, where)
      }
    }
  })

  it('use no variable that they do not have', () => {
    for (const dashboard of dashboards) {
      const own = new Set((dashboard.templating.list ?? []).map(({ name }) => name))
      const text = JSON.stringify(dashboard)
      const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name)
      const foreign = used.filter((name) => !name.startsWith('__') && !own.has(name))
      assert.deepEqual(foreign, [], dashboard.uid ?? '')
    }
  })

  it('link only to each other, and take the time range along', () => {
    const uids = new Set(dashboards.map(({ uid }) => uid))
    for (const dashboard of dashboards) {
      const text = JSON.stringify(dashboard)
      const links = [...text.matchAll(/\/d\/([\w-]+)(\?\$\{__url_time_range\})?/g)]
      assert.ok(links.length >= uids.size - 1, dashboard.uid ?? '')
      for (const [link, uid] of links) assert.ok(uids.has(uid), `${dashboard.uid}: ${link}`)

      const bare = links.filter(([, , range]) => range === undefined)
      const navigation = (dashboard.links ?? []).filter(({ keepTime }) => keepTime)
      assert.doesNotMatch(dashboardFile(dashboard).text, /inControlsMenu/)
      assert.equal(bare.length, navigation.length, `${dashboard.uid}: a link loses the time range`)
    }
  })

  it('ask in PromQL that parses', { skip: missing('promtool') }, async () => {
    const rules = promQl.map(({ expr }, index) => ({ record: `panel:query:${index}`, expr }))
    const folder = await mkdtemp(join(tmpdir(), 'dashboards-'))
    try {
      const file = join(folder, 'queries.json')
      await writeFile(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))
      const { stdout } = await promisify(execFile)(stackProgram('promtool'), [
        'check',
        'rules',
        '--lint=none',
        file,
      ])
      assert.match(stdout, new RegExp(`${rules.length} rules found`))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('ask a service for nothing that it does not emit, and that docs/telemetry.md does not name', async () => {
    const page = await readFile('docs/telemetry.md', 'utf8')
    const emitted = await emittedMetrics()
    const asked = new Set(
      [...promQl.map(({ expr }) => expr), ...variableQueries()].flatMap(metricsIn),
    )
    const ofServices = [...asked].filter((name) => !emittedByOthers.test(name))

    assert.ok(ofServices.length > 20)
    for (const name of ofServices) {
      const family = emitted.find((known) => [known, ...samplesOf(known)].includes(name))
      assert.ok(family, `no service emits ${name}`)
      if (!/^(process|nodejs)_/.test(family)) {
        assert.ok(page.includes(`\`${family}\``), `docs/telemetry.md does not name ${family}`)
      }
    }
  })
})

describe('grafana/provisioning', () => {
  it('gives the data sources the uids that dashboards use, and leads to no other', async () => {
    const sources = await provisionedSources()
    const uids = sources.map(({ uid }) => uid)
    const references = [...JSON.stringify(sources).matchAll(/"datasourceUid":"([^"]*)"/g)]

    assert.deepEqual(uids.toSorted(), ['jaeger', 'loki', 'prometheus'])
    assert.deepEqual(
      sources.filter(({ isDefault }) => isDefault).map(({ uid }) => uid),
      ['prometheus'],
    )
    assert.equal(references.length, 3)
    for (const [, uid = ''] of references) assert.ok(uids.includes(uid), uid)
  })

  it('escapes every dollar, which Grafana would take for an environment variable', async () => {
    const text = await readFile('grafana/provisioning/datasources/datasources.yaml', 'utf8')
    const settings = text.replaceAll(/^ *#.*$/gm, '')

    assert.ok(settings.includes('$$__tags'))
    assert.doesNotMatch(settings, /(?<!\$)\$(?!\$)/)
  })

  it('knows how often Prometheus scrapes, or rates would have holes', async () => {
    const prometheus = (await provisionedSources()).find(({ uid }) => uid === 'prometheus')
    const { global } = parse(await readFile('prometheus/prometheus.yaml', 'utf8')) as {
      global: { scrape_interval: string }
    }

    assert.equal(prometheus?.jsonData['timeInterval'], global.scrape_interval)
  })

  it('reads our dashboards and those of an example', async () => {
    const { providers } = parse(
      await readFile('grafana/provisioning/dashboards/dashboards.yaml', 'utf8'),
    ) as { providers: { options: { path: string } }[] }

    assert.deepEqual(
      providers.map(({ options }) => options.path),
      ['/etc/grafana/dashboards', '/etc/grafana/dashboards-extra'],
    )
  })
})

/** Names that no service gives: Prometheus's own, and what the collector tells or makes of spans. */
const emittedByOthers = /^(up|ALERTS|otelcol_.*|traces_span_metrics_.*)$/

interface GridPos {
  x: number
  y: number
  w: number
  h: number
}

interface Panel {
  id?: number
  type: string
  title?: string
  description?: string
  datasource?: { uid?: string }
  targets?: { datasource?: { uid?: string } }[]
  fieldConfig?: { defaults: { unit?: string } }
  gridPos: GridPos
}

function allPanels(): { uid: string; where: string; panel: Panel }[] {
  return dashboards.flatMap(({ uid = '', panels = [] }) =>
    (panels as unknown as Panel[]).map((panel) => ({
      uid,
      where: `${uid}, "${panel.title ?? ''}"`,
      panel,
    })),
  )
}

function cellsOf({ x, y, w, h }: GridPos): string[] {
  return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`)
}

function variableQueries(): string[] {
  return dashboards
    .flatMap(({ templating }) => templating.list ?? [])
    .flatMap(({ query }) => (typeof query === 'object' ? [String(query['query'])] : []))
    .map((query) => query.replace(/^label_values\((.*), \w+\)$/, '$1'))
}

interface DataSource {
  uid: string
  isDefault?: boolean
  jsonData: Record<string, unknown>
}

async function provisionedSources(): Promise<DataSource[]> {
  const text = await readFile('grafana/provisioning/datasources/datasources.yaml', 'utf8')
  return (parse(text) as { datasources: DataSource[] }).datasources
}

async function emittedMetrics(): Promise<string[]> {
  await using service = await startService()
  await fetch(`${service.url}/healthz`)
  const text = await (await fetch(`${service.opsUrl}/metrics`)).text()
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)
}

function samplesOf(family: string): string[] {
  return [`${family}_total`, `${family}_bucket`, `${family}_sum`, `${family}_count`]
}

/** What is left of an expression without its labels, functions and words; and names that a matcher spells. */
function metricsIn(expr: string): string[] {
  const spelt = [...expr.matchAll(/__name__=~"(\w+)/g)].map(([, name = '']) => name)
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\boffset \S+/g, ' ')
    .replaceAll(/\b(by|on|ignoring|group_left|group_right|without) *\([^)]*\)/g, ' ')
    .replaceAll(/\b\w+ *\(/g, ' ')
    .replaceAll(/\b(or|and|unless)\b/g, ' ')
  return [...spelt, ...[...bare.matchAll(/\b[a-zA-Z_]\w*\b/g)].map(([name]) => name)]
}
