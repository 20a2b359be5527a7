import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'

import { prometheus } from './data-sources.ts'

const all = { selected: true, text: 'All', value: '$__all' }

/** Which service: what Prometheus calls it, its scrape job. */
export function service(): QueryVariableBuilder {
  return new QueryVariableBuilder('service')
    .label('Service')
    .datasource(prometheus)
    .query(labelValues('service_info', 'job'))
    .refresh(VariableRefresh.OnTimeRangeChanged)
}

export function services(): QueryVariableBuilder {
  return service().multi(true).includeAll(true).allValue('.+').current(all)
}

/**
 * What logs and spans call those services, `service.name`: hidden, and always all that belong to `service`. A scrape
 * target tells it by a label `service_name`; where none does, every service that has server spans is taken.
 */
export function serviceName(): QueryVariableBuilder {
  const told = serviceNamesOf('service_info{job=~"$service", service_name!=""}')
  const traced = serviceNamesOf('traces_span_metrics_calls_total{span_kind="SPAN_KIND_SERVER"}')
  return new QueryVariableBuilder('service_name')
    .hide(VariableHide.HideVariable)
    .datasource(prometheus)
    .query(variableQuery(3, `query_result(${told} or on () ${traced})`))
    .regex('/service_name="([^"]+)"/')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .current(all)
}

/** The pattern that answered, or `unmatched`. */
export function route(): QueryVariableBuilder {
  return new QueryVariableBuilder('route')
    .label('Route')
    .datasource(prometheus)
    .query(labelValues('http_server_request_duration_seconds_count{job=~"$service"}', 'http_route'))
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(all)
}

export function level(): CustomVariableBuilder {
  return new CustomVariableBuilder('level')
    .label('Level')
    .values('trace,debug,info,warn,error,fatal')
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(all)
}

export function typedIn(name: string, label: string): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(name)
    .label(label)
    .defaultValue('')
    .current({ selected: true, text: '', value: '' })
}

function labelValues(metric: string, label: string): Record<string, unknown> {
  return variableQuery(1, `label_values(${metric}, ${label})`)
}

/** In the form that Grafana's editor saves: `kind` 1 are the values of a label, 3 is the result of a query. */
function variableQuery(kind: 1 | 3, query: string): Record<string, unknown> {
  return { qryType: kind, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' }
}

function serviceNamesOf(series: string): string {
  return `group by (service_name) (last_over_time(${series}[$__range]))`
}
