import { LogsSortOrder } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/logs'

import { linkBuilder } from './links.ts'
import type { Query } from './queries.ts'
import type { Question } from './question.ts'

interface Lines extends Pick<Question, 'title' | 'description' | 'links'> {
  query: Query
  height?: number
}

/** Log lines, the newest first; opened, a line shows its fields and a link to its trace. */
export function lines({ title, description, query, links = [], height = 10 }: Lines): PanelBuilder {
  return new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(query.source)
    .targets([query.as('A')])
    .links(links.map(linkBuilder))
    .span(24)
    .height(height)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .sortOrder(LogsSortOrder.Descending)
}
