import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboards as ours } from './dashboards.ts'

export interface PanelQuery {
  dashboard: string
  /** The panel's title; for a line that marks an event, `annotation: ` and its name. */
  panel: string
  /** `prometheus` or `loki`. */
  datasourceUid: string
  expr: string
  /** Asked for one moment, not for a range. */
  instant: boolean
}

/** What Grafana puts in by itself; `variables` may say otherwise. */
const builtIn = {
  __rate_interval: '1m',
  __range: '1h',
  __interval: '15s',
  __auto: '15s',
}

/**
 * Every query of every panel, ready to be asked. Each variable in a query needs a value; a choice of several is written
 * as Grafana does, `(a|b)`, and of all as the variable's `allValue`.
 */
export function panelQueries(
  variables: Record<string, string>,
  dashboards: Dashboard[] = ours,
): PanelQuery[] {
  const values = { ...builtIn, ...variables }
  return dashboards
    .flatMap((dashboard) => [...queriesOfPanels(dashboard), ...queriesOfAnnotations(dashboard)])
    .map((query) => ({ ...query, expr: filledIn(query, values) }))
}

function queriesOfPanels({ uid = '', panels = [] }: Dashboard): PanelQuery[] {
  return panels
    .filter(isPanel)
    .flatMap(({ title = '', targets = [] }) => targets.map((target) => queryOf(uid, title, target)))
}

function queriesOfAnnotations({ uid = '', annotations }: Dashboard): PanelQuery[] {
  return (annotations.list ?? []).flatMap(({ name, target }) =>
    target ? [queryOf(uid, `annotation: ${name}`, target)] : [],
  )
}

function queryOf(dashboard: string, panel: string, target: object): PanelQuery {
  const { expr, datasource, instant, queryType } = target as Target
  return {
    dashboard,
    panel,
    datasourceUid: datasource.uid,
    expr,
    instant: instant === true || queryType === 'instant',
  }
}

/** The SDK types a query by what all data sources share, which is not its expression. */
interface Target {
  expr: string
  datasource: { uid: string }
  instant?: boolean
  queryType?: string
}

function isPanel(panel: object): panel is Panel {
  return 'targets' in panel
}

function filledIn({ dashboard, panel, expr }: PanelQuery, values: Record<string, string>): string {
  return expr.replaceAll(/\$\{?(\w+)(?::\w+)?\}?/g, (_text, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${dashboard}, "${panel}": no value for $${name}`)
    return value
  })
}
