import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki'
import {
  DataqueryBuilder as PrometheusQuery,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus'

import { loki, prometheus } from './data-sources.ts'

export interface Query {
  source: DataSourceRef
  as(refId: string): Builder<Dataquery>
}

/** A value at every step of the time range; `legend` names a series by its labels. */
export function metric(expr: string, legend: string): Query {
  return {
    source: prometheus,
    as: (refId) => metricQuery(refId, expr).range().legendFormat(legend),
  }
}

/** The same, with dots that lead to traces. */
export function metricWithExemplars(expr: string, legend: string): Query {
  return {
    source: prometheus,
    as: (refId) => metricQuery(refId, expr).range().exemplar(true).legendFormat(legend),
  }
}

/** One value a series, at the end of the time range. */
export function metricNow(expr: string, legend: string): Query {
  return {
    source: prometheus,
    as: (refId) => metricQuery(refId, expr).instant().legendFormat(legend),
  }
}

/** The same, as rows with a column for each label. */
export function metricRows(expr: string): Query {
  return {
    source: prometheus,
    as: (refId) => metricQuery(refId, expr).instant().format(PromQueryFormat.Table),
  }
}

export function logLines(expr: string): Query {
  return { source: loki, as: (refId) => lokiQuery(refId, expr).queryType('range').maxLines(500) }
}

/** A number made from log lines, at every step of the time range. */
export function logMetric(expr: string, legend: string): Query {
  return {
    source: loki,
    as: (refId) => lokiQuery(refId, expr).queryType('range').legendFormat(legend),
  }
}

export function logMetricNow(expr: string, legend: string): Query {
  return {
    source: loki,
    as: (refId) => lokiQuery(refId, expr).queryType('instant').legendFormat(legend),
  }
}

function metricQuery(refId: string, expr: string): PrometheusQuery {
  return new PrometheusQuery().datasource(prometheus).refId(refId).expr(expr)
}

function lokiQuery(refId: string, expr: string): LokiQuery {
  return new LokiQuery().datasource(loki).refId(refId).expr(expr)
}
