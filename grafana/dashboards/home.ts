import { collectorCount, collectorLosses, sumOf } from '../expressions/collector.ts'
import {
  durationQuantile,
  failureRate,
  failureShare,
  requestRate,
} from '../expressions/requests.ts'
import { eventLoopUtilisation } from '../expressions/runtime.ts'
import { droppedInRange } from '../expressions/telemetry.ts'
import { dashboard } from '../look/dashboard.ts'
import { linkTo } from '../look/links.ts'
import { notice } from '../look/notice.ts'
import { oneNumber } from '../look/one-number.ts'
import { metric } from '../look/queries.ts'
import { rows } from '../look/rows.ts'

const everything = { where: '' }
const eachService = { where: '', by: ['job'] }

export const homeDashboard = dashboard({
  uid: 'home',
  title: 'Home',
  description: 'Whether all is well, and where to look if not.',
  sections: [
    {
      panels: [
        oneNumber({
          title: 'What is down?',
          description: 'Targets that Prometheus could not scrape: services and parts of the stack.',
          unit: 'short',
          queries: [metric('count(up == 0) or vector(0)', 'down')],
          zero: 'nothing',
          limits: { bad: 1 },
          links: [linkTo('runtime', 'Restarts and versions')],
        }),
        oneNumber({
          title: 'What alerts?',
          description: 'Alerts of Prometheus that fire. The list is under Alerting.',
          unit: 'short',
          queries: [metric('count(ALERTS{alertstate="firing"}) or vector(0)', 'firing')],
          zero: 'nothing',
          limits: { bad: 1 },
          links: [{ title: 'The alerts', url: '/alerting/list' }],
        }),
        oneNumber({
          title: 'How many requests fail?',
          description: 'The share of requests to all services that were answered with 5xx.',
          unit: 'percentunit',
          queries: [metric(failureShare(everything), 'failing')],
          nothing: 'no requests',
          limits: { warning: 0.001, bad: 0.01 },
          links: [linkTo('service', 'By route')],
        }),
        oneNumber({
          title: 'How slow are the slowest?',
          description: '95 of 100 requests to all services are answered in less than this.',
          unit: 's',
          queries: [metric(durationQuantile(0.95, everything), '95th percentile')],
          nothing: 'no requests',
          limits: { warning: 0.25, bad: 1 },
          links: [linkTo('service', 'By route')],
        }),
        oneNumber({
          title: 'How busy is the busiest?',
          description:
            'The share of time in which the event loop of the busiest process ran code. Near 100 % requests wait.',
          unit: 'percentunit',
          queries: [metric(`max(${eventLoopUtilisation('')})`, 'busiest')],
          limits: { warning: 0.7, bad: 0.9 },
          links: [linkTo('runtime', 'By process')],
        }),
        oneNumber({
          title: 'How much telemetry was lost?',
          description:
            'Spans, log records and metric points that services dropped or the collector lost, in the time range shown. What it refused is sent again, and counts once it is dropped.',
          unit: 'short',
          queries: [
            metric(
              `(${droppedInRange('')} or vector(0)) + ${sumOf(collectorLosses, collectorCount)}`,
              'lost',
            ),
          ],
          zero: 'none',
          limits: { bad: 1 },
          links: [linkTo('telemetry-pipeline', 'Where, and why')],
        }),
        rows({
          title: 'How is each service?',
          description: 'A row for each scrape job that runs on the kernel. Its name leads to it.',
          label: 'job',
          labelTitle: 'Service',
          labelLink: linkTo('service', 'Its requests', 'var-service=${__value.raw}'),
          columns: [
            { title: 'Processes', unit: 'short', expr: 'count by (job) (service_info)' },
            { title: 'Requests', unit: 'reqps', expr: requestRate(eachService) },
            { title: 'Failures', unit: 'reqps', expr: failureRate(eachService) },
            {
              title: 'Failing',
              unit: 'percentunit',
              expr: failureShare(eachService),
            },
            { title: '95th percentile', unit: 's', expr: durationQuantile(0.95, eachService) },
          ],
        }),
        notice(
          'Where to look',
          [
            '- [Service](/d/service?${__url_time_range}): which routes are called, fail or are slow; a dot on a curve opens its trace.',
            '- [Logs](/d/logs?${__url_time_range}): lines by level, route or trace id; a line opens its trace.',
            '- [Runtime](/d/runtime?${__url_time_range}): memory, event loop and restarts of the processes.',
            '- [Telemetry pipeline](/d/telemetry-pipeline?${__url_time_range}): whether what you see here is all there was.',
          ].join('\n'),
          6,
        ),
      ],
    },
  ],
})
