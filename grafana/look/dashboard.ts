import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type {
  AnnotationQuery,
  Dashboard,
  Panel,
  VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'

import { navigation } from './links.ts'

export interface Plan {
  /** The name of the file, too. */
  uid: string
  title: string
  description: string
  variables?: Builder<VariableModel>[]
  annotations?: Builder<AnnotationQuery>[]
  sections: Section[]
}

/** Panels fill lines of 24 columns, from left to right. */
export interface Section {
  /** Left out, the panels stand without a heading. */
  title?: string
  panels: Builder<Panel>[]
}

export function dashboard({
  uid,
  title,
  description,
  variables = [],
  annotations = [],
  sections,
}: Plan): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['plainsight'])
    .timezone('browser')
    .time({ from: 'now-30m', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .links(navigation(uid))
    .variables(variables)
    .annotations(annotations)
  for (const section of sections) {
    if (section.title !== undefined) builder.withRow(new RowBuilder(section.title))
    for (const panel of section.panels) builder.withPanel(panel)
  }
  return numbered(builder.build())
}

/** Panels without an id are all number 0 to Grafana's migrations, and overwrite each other. */
function numbered(dashboard: Dashboard): Dashboard {
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1
  return dashboard
}
