import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { parse } from 'yaml'

import { dashboards } from '../../grafana/dashboards.ts'
import { panelQueries } from '../../grafana/panel-queries.ts'
import { dashboardVariables } from '../support/dashboard-variables.ts'
import { startStack } from './compose.ts'
import { send, steadyLoad } from './load.ts'
import {
  eventually,
  exemplarsInPrometheus,
  linesInLoki,
  linkPatternsInJaeger,
  queryPrometheus,
  traceInJaeger,
} from './servers.ts'
import type { JaegerSpan, LinkPattern } from './servers.ts'

interface DataSource {
  uid: string
  type: string
  jsonData: Links
}

interface Links {
  exemplarTraceIdDestinations?: { name: string; url: string }[]
  tracesToLogsV2?: { datasourceUid: string; customQuery: boolean; query: string }
  tracesToMetrics?: {
    datasourceUid: string
    tags: { key: string; value?: string }[]
    queries: { name: string; query: string }[]
  }
  derivedFields?: {
    name: string
    matcherType: string
    matcherRegex: string
    datasourceUid: string
    url: string
  }[]
}

const sources = globSync('grafana/provisioning/datasources/*.yaml').flatMap(
  (file) => (parse(asGrafanaReads(file)) as { datasources: DataSource[] }).datasources,
)

before(() => startStack())

describe('the links of the provisioned data sources, filled in as Grafana does', () => {
  const started = Date.now() / 1000
  let load: ReturnType<typeof steadyLoad>

  before(() => {
    load = steadyLoad('/version', 5)
  })
  after(() => load.stop())

  it('an exemplar leads to its trace, in Explore and in Jaeger', async () => {
    for (const { name, url } of linksOf('prometheus', 'exemplarTraceIdDestinations')) {
      for (const histogram of [
        'http_server_request_duration_seconds_bucket{job="service"}',
        'traces_span_metrics_duration_seconds_bucket{service_name="greeting"}',
      ]) {
        const exemplar = await eventually(
          `an exemplar of ${histogram}`,
          async () => (await exemplarsInPrometheus(histogram, started)).at(0)?.labels,
        )
        const traceId = exemplar[name]
        assert.ok(traceId, `an exemplar has no label ${name}`)
        const { datasourceUid, query } = traceBehind(filledIn(url, { '${__value.raw}': traceId }))
        assert.equal(query, traceId)
        const found = await data('trace of an exemplar', datasourceUid, query)
        assert.ok(found.some(({ spanID }) => spanID === exemplar['span_id']))
      }
    }
  })

  it('a trace leads to its log lines', async () => {
    const { traceId } = await send('/version')
    const link = linksOf('jaeger', 'tracesToLogsV2')
    assert.ok(link.customQuery, 'or Grafana would make up a query of its own')

    const query = filledIn(link.query, { '${__trace.traceId}': traceId })
    const lines = await data('log lines of a trace', link.datasourceUid, query)

    assert.deepEqual(
      lines.map(({ labels }) => labels?.['trace_id']),
      lines.map(() => traceId),
    )
  })

  it('a span leads to the measurements of its route', async () => {
    const { tags, queries, datasourceUid } = linksOf('jaeger', 'tracesToMetrics')
    const span = await spanOf((await send('/version')).traceId)
    assert.equal(span.tags['http.route'], '/version')

    assert.ok(queries.length > 0)
    for (const { name, query } of queries) {
      const expr = filledIn(query, { $__tags: matchersOf(span, tags) })
      await ask(datasourceUid, expr)
      const series = await data(name, datasourceUid, ofAnyStatus(expr))
      for (const { metric } of series) {
        if (metric?.['http_route'] !== undefined) assert.equal(metric['http_route'], '/version')
      }
    }
  })

  it('a span without a route leads to the measurements of all routes', async () => {
    const { tags, queries, datasourceUid } = linksOf('jaeger', 'tracesToMetrics')
    const span = await spanOf((await send('/nowhere')).traceId)
    assert.equal(matchersOf(span, tags), '')

    for (const { name, query } of queries) {
      const expr = filledIn(query, { $__tags: '' })
      await ask(datasourceUid, expr)
      await data(name, datasourceUid, ofAnyStatus(expr))
    }
  })

  it('a log line leads to its trace', async () => {
    const { traceId } = await send('/version')
    const [line] = await data('a line', 'loki', `{service_name="greeting"} | trace_id="${traceId}"`)
    const labels = line?.labels ?? {}

    const fields = linksOf('loki', 'derivedFields')
    assert.ok(fields.length > 0)
    for (const { name, matcherType, matcherRegex, url, datasourceUid } of fields) {
      assert.equal(matcherType, 'label', `${name}: only labels are filled in here`)
      const label = Object.keys(labels).find((key) => new RegExp(matcherRegex).test(key))
      assert.ok(label, `${name}: no label of a line matches ${matcherRegex}`)
      const query = filledIn(url, { '${__value.raw}': labels[label] ?? '' })
      const spans = await data(`trace of a line by ${name}`, datasourceUid, query)
      assert.ok(spans.some(({ spanID }) => spanID === labels['span_id']))
    }
  })
})

describe("the links of Jaeger's UI", () => {
  const { linkPatterns } = JSON.parse(readFileSync('jaeger/ui.json', 'utf8')) as {
    linkPatterns: LinkPattern[]
  }

  it('are those of jaeger/ui.json', async () => {
    assert.deepEqual(await linkPatternsInJaeger(), linkPatterns)
  })

  it('lead from a trace to a dashboard on which every query finds something of it', async () => {
    const { traceId } = await send('/version')
    const { startTime } = await spanOf(traceId)

    assert.ok(linkPatterns.length > 0)
    for (const { type, url } of linkPatterns) {
      assert.equal(type, 'traces')
      const { uid, variables, searchParams } = dashboardLink(
        filledIn(url, {
          '#{traceID}': traceId,
          '#{startTime | epoch_micros_to_date_iso}': new Date(startTime / 1000).toISOString(),
        }),
      )
      assert.equal(variables['trace_id'], traceId)
      assert.ok(Date.parse(searchParams.get('from') ?? '') <= startTime / 1000)
      const dashboard = dashboards.filter((each) => each.uid === uid)
      const queries = panelQueries(
        { ...dashboardVariables, service: '.+', ...variables, __range: '5m' },
        dashboard,
      )
      assert.ok(queries.length > 0)
      for (const { panel, datasourceUid, expr } of queries) {
        const found = await data(`"${panel}" of ${traceId}`, datasourceUid, expr)
        for (const { labels } of found) {
          if (labels?.['trace_id'] !== undefined) assert.equal(labels['trace_id'], traceId)
        }
      }
    }
  })
})

describe('a link to a dashboard', () => {
  it('names one that there is, and variables that it has', () => {
    const files = ['grafana/dashboards/*.json', 'prometheus/rules/*.yaml', 'jaeger/ui.json']
    const links = globSync(files).flatMap(
      (file) => readFileSync(file, 'utf8').match(/\/d\/[\w-]+(\?[^\s"]*)?/g) ?? [],
    )

    assert.ok(links.length > 50, `${links.length} links`)
    for (const link of links) {
      const { uid, variables } = dashboardLink(link)
      const own = variablesOf(uid)
      assert.ok(own, `${link}: no such dashboard`)
      const foreign = Object.keys(variables).filter((name) => !own.includes(name))
      assert.deepEqual(foreign, [], link)
    }
  })
})

// What an answer of any of the three servers may have.
interface Found {
  spanID?: string
  labels?: Record<string, string>
  metric?: Record<string, string>
}

/** Grafana puts in environment variables for `$NAME` and `${NAME}`, of which there are none; `$$` is one dollar. */
function asGrafanaReads(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/\$(\$|\w+|\{[^}]*\})/g, (_text, what: string) =>
    what === '$' ? '$' : '',
  )
}

function linksOf<key extends keyof Links>(type: string, key: key): NonNullable<Links[key]> {
  const links = sources.find((source) => source.type === type)?.jsonData[key]
  assert.ok(links, `${type} has no ${key}`)
  return links
}

/** @throws if something is left that nobody fills in */
function filledIn(template: string, values: Record<string, string>): string {
  const text = Object.entries(values).reduce(
    (filled, [name, value]) => filled.replaceAll(name, () => value),
    template,
  )
  assert.doesNotMatch(text, /[$#]/, template)
  return text
}

/** What `$__tags` stands for: nothing of a tag that the span does not have. */
function matchersOf(span: JaegerSpan, tags: { key: string; value?: string }[]): string {
  return tags
    .filter(({ key }) => span.tags[key] !== undefined)
    .map(({ key, value = key }) => `${value}="${String(span.tags[key])}"`)
    .join(', ')
}

/** No request fails here, so a query for 5xx rightly finds nothing: asked for any status, it must. */
function ofAnyStatus(expr: string): string {
  return expr.replace('"5.."', '"..."')
}

/** What a link asks for: that of a pane of Explore, or a page of Jaeger. */
function traceBehind(link: string): { datasourceUid: string; query: string } {
  const { pathname, searchParams, port } = new URL(link, 'http://localhost:3000')
  if (port === '16686') return { datasourceUid: 'jaeger', query: pathname.replace('/trace/', '') }

  assert.equal(pathname, '/explore')
  const panes = JSON.parse(searchParams.get('panes') ?? '') as Record<
    string,
    { datasource: string; queries: { query: string; queryType?: string }[] }
  >
  const [pane] = Object.values(panes)
  assert.equal(pane?.queries.length, 1)
  // Jaeger's data source looks up an id only where no type of query is named.
  assert.equal(pane.queries[0]?.queryType, undefined)
  return { datasourceUid: pane.datasource, query: pane.queries[0]?.query ?? '' }
}

async function spanOf(traceId: string): Promise<JaegerSpan> {
  return await eventually(`trace ${traceId}`, async () => (await traceInJaeger(traceId))?.at(0))
}

/** Asks the data source once; numbers that are none are not data. */
async function ask(datasourceUid: string, query: string): Promise<Found[]> {
  const type = sources.find(({ uid }) => uid === datasourceUid)?.type
  switch (type) {
    case 'jaeger':
      return (await traceInJaeger(query)) ?? []
    case 'loki':
      return await linesInLoki(query)
    case 'prometheus':
      return (await queryPrometheus(query)).filter(({ value }) => !Number.isNaN(value))
    default:
      throw new Error(`There is no data source ${datasourceUid} to ask.`)
  }
}

async function data(what: string, datasourceUid: string, query: string): Promise<Found[]> {
  return await eventually(`${what}: ${query}`, async () => {
    const found = await ask(datasourceUid, query)
    return found.length > 0 && found
  })
}

function dashboardLink(link: string) {
  const { pathname, searchParams } = new URL(link, 'http://localhost:3000')
  const passedOn = [...link.matchAll(/\$\{(\w+):queryparam\}/g)].map(([, name = '']) => [name, ''])
  const set = [...searchParams]
    .filter(([name]) => name.startsWith('var-'))
    .map(([name, value]) => [name.slice('var-'.length), value])
  return {
    uid: pathname.replace('/d/', ''),
    variables: Object.fromEntries([...passedOn, ...set]) as Record<string, string>,
    searchParams,
  }
}

function variablesOf(uid: string): string[] | undefined {
  return dashboards
    .find((dashboard) => dashboard.uid === uid)
    ?.templating.list?.map(({ name }) => name)
}
