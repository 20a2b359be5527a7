import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'

import { prometheus } from './data-sources.ts'

const ofService = 'job=~"$service"'
const withVersion = `on (job, instance) group_left (version, revision) service_info{${ofService}}`

/** A line wherever a process began, with the version that it runs: restarts and deployments. */
export function starts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Starts')
    .datasource(prometheus)
    .enable(true)
    .iconColor('purple')
    .target(
      new DataqueryBuilder()
        .datasource(prometheus)
        .refId('Anno')
        .expr(`process_start_time_seconds{${ofService}} * ${withVersion} * 1000`)
        .interval('60s'),
    )
    .useValueForTime(true)
    .titleFormat('{{job}} {{version}} started')
    .textFormat('revision {{revision}} on {{instance}}')
}
