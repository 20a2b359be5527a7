import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import type { DashboardLink, ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard'

import { linkBuilder } from './links.ts'
import type { Link } from './links.ts'
import type { Query } from './queries.ts'
import { thresholds } from './thresholds.ts'
import type { Limits } from './thresholds.ts'

/** What every panel is: a question, and how to read its answer. */
export interface Question {
  /** Ends in a question mark. */
  title: string
  description: string
  unit: string
  queries: Query[]
  /** Of the 24 columns. */
  width: number
  height: number
  limits?: Limits
  /** In the panel's corner. */
  links?: Link[]
  /** On a series or a value. */
  valueLinks?: Link[]
  /** What stands there in place of a number that does not exist. */
  nothing?: string
}

interface Panel {
  title(title: string): this
  description(description: string): this
  unit(unit: string): this
  span(columns: number): this
  height(height: number): this
  datasource(source: DataSourceRef): this
  targets(targets: Builder<Dataquery>[]): this
  thresholds(thresholds: Builder<ThresholdsConfig>): this
  links(links: Builder<DashboardLink>[]): this
  dataLinks(links: Builder<DashboardLink>[]): this
  noValue(text: string): this
}

export function ask<P extends Panel>(panel: P, question: Question): P {
  const { title, queries, limits = {}, links = [], valueLinks = [], nothing } = question
  const [first] = queries
  if (!first) throw new Error(`no query answers "${title}"`)
  panel
    .title(title)
    .description(question.description)
    .unit(question.unit)
    .span(question.width)
    .height(question.height)
    .datasource(first.source)
    .targets(queries.map((query, index) => query.as(refIdOf(index))))
    .thresholds(thresholds(limits))
    .links(links.map(linkBuilder))
    .dataLinks(valueLinks.map(linkBuilder))
  if (nothing !== undefined) panel.noValue(nothing)
  return panel
}

/** Grafana calls a panel's queries A, B, C. */
function refIdOf(index: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + index)
}
