import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'

import type { Link } from './links.ts'
import { metricRows } from './queries.ts'
import { ask } from './question.ts'
import type { Question } from './question.ts'

interface Column {
  title: string
  expr: string
  unit: string
}

interface Rows extends Omit<Question, 'width' | 'height' | 'unit' | 'queries' | 'valueLinks'> {
  /** The label that all columns share; a row for each of its values. */
  label: string
  labelTitle: string
  labelLink: Link
  columns: Column[]
  height?: number
}

/** A row for each value of one label, a column for each query. */
export function rows(question: Rows): PanelBuilder {
  const { label, labelTitle, labelLink, columns, height = 8 } = question
  const panel = ask(new PanelBuilder(), {
    ...question,
    unit: 'short',
    queries: columns.map(({ expr }) => metricRows(expr)),
    width: 24,
    height,
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        renameByName: Object.fromEntries([
          [label, labelTitle],
          ...columns.map(({ title }, index) => [valueColumn(index, columns.length), title]),
        ]),
      },
    })
    .overrideByName(labelTitle, [{ id: 'links', value: [labelLink] }])
  return columns.reduce(
    (table, { title, unit }) => table.overrideByName(title, [unitIs(unit)]),
    panel,
  )
}

function unitIs(unit: string): DynamicConfigValue {
  return { id: 'unit', value: unit }
}

/** Grafana names a value by its query only where there are several. */
function valueColumn(index: number, count: number): string {
  return count === 1 ? 'Value' : `Value #${String.fromCodePoint('A'.charCodeAt(0) + index)}`
}
