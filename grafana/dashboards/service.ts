import { chosenLines } from '../expressions/log-lines.ts'
import {
  chosen,
  durationQuantile,
  failureRate,
  failureShare,
  requestRate,
} from '../expressions/requests.ts'
import { starts } from '../look/annotations.ts'
import { dashboard } from '../look/dashboard.ts'
import { lines } from '../look/lines.ts'
import { linkTo } from '../look/links.ts'
import { oneNumber } from '../look/one-number.ts'
import { overTime } from '../look/over-time.ts'
import { logLines, metric, metricNow, metricWithExemplars } from '../look/queries.ts'
import { ranking } from '../look/ranking.ts'
import { route, service, serviceName } from '../look/variables.ts'

const all = { where: chosen }
const byRoute = { where: chosen, by: ['http_route'] }
const inRange = { ...byRoute, over: '$__range' }

const slow = { warning: 0.25, bad: 1 }
const failing = { warning: 0.001, bad: 0.01 }

const thisRoute = linkTo(
  'service',
  'This route alone',
  '${service:queryparam}',
  'var-route=${__field.labels.http_route}',
)
const itsLines = linkTo(
  'logs',
  'The log lines of this route',
  '${service:queryparam}',
  'var-route=${__field.labels.http_route}',
)
const errorLines = linkTo(
  'logs',
  'The error lines',
  '${service:queryparam}',
  '${route:queryparam}',
  'var-level=error',
)

export const serviceDashboard = dashboard({
  uid: 'service',
  title: 'Service',
  description:
    'What a service is asked, what fails, how long it takes; and the log lines beside it.',
  variables: [service(), serviceName(), route()],
  annotations: [starts()],
  sections: [
    {
      panels: [
        oneNumber({
          title: 'How much is asked?',
          description: 'Requests a second on the chosen routes.',
          unit: 'reqps',
          queries: [metric(requestRate(all), 'requests')],
        }),
        oneNumber({
          title: 'How much of it fails?',
          description: 'The share that was answered with 5xx. 4xx is the failure of the client.',
          unit: 'percentunit',
          queries: [metric(failureShare(all), 'failing')],
          nothing: 'no requests',
          limits: failing,
          links: [errorLines],
        }),
        oneNumber({
          title: 'How long does it take?',
          description: '95 of 100 answers have wholly left in less than this.',
          unit: 's',
          queries: [metric(durationQuantile(0.95, all), '95th percentile')],
          nothing: 'no requests',
          limits: slow,
        }),
        oneNumber({
          title: 'How many are under way?',
          description:
            'Requests whose answer has not wholly left, on all routes. A number that only grows is a leak or a stuck dependency.',
          unit: 'short',
          queries: [metric('sum(http_server_active_requests{job=~"$service"})', 'under way')],
          limits: { warning: 100, bad: 500 },
        }),
        oneNumber({
          title: 'How often is /healthz called?',
          description: 'Calls a second by healthz_calls_total, which the greeting service counts.',
          unit: 'reqps',
          queries: [
            metric('sum(rate(healthz_calls_total{job=~"$service"}[$__rate_interval]))', 'calls'),
          ],
          nothing: 'not counted here',
        }),
        oneNumber({
          title: 'What never became a request?',
          description:
            'Connections a second that were refused before routing: malformed, too large, too slow. They leave no span.',
          unit: 'reqps',
          queries: [
            metric(
              'sum(rate(http_server_refused_requests_total{job=~"$service"}[$__rate_interval]))',
              'refused',
            ),
          ],
          zero: 'nothing',
          limits: { warning: 1 },
        }),
        overTime({
          title: 'Which routes are called?',
          description: 'Requests a second by route pattern; unmatched is what no route answered.',
          unit: 'reqps',
          queries: [metric(requestRate(byRoute), '{{http_route}}')],
          width: 8,
          stacked: true,
          valueLinks: [thisRoute, itsLines],
        }),
        overTime({
          title: 'Which routes fail?',
          description: '5xx a second by route pattern; 0 where none failed.',
          unit: 'reqps',
          queries: [metric(failureRate(byRoute), '{{http_route}}')],
          width: 8,
          links: [errorLines],
          valueLinks: [thisRoute, itsLines],
        }),
        overTime({
          title: 'What is answered?',
          description: 'Requests a second by status; empty is a request that got no answer.',
          unit: 'reqps',
          queries: [
            metric(
              requestRate({ where: chosen, by: ['http_response_status_code'] }),
              '{{http_response_status_code}}',
            ),
          ],
          width: 8,
          stacked: true,
        }),
        overTime({
          title: 'How long do answers take?',
          description:
            'Seconds until the last byte left, for the typical, the slow and the slowest request. Each dot is one request: it opens its trace.',
          unit: 's',
          queries: [
            metricWithExemplars(durationQuantile(0.5, all), 'half are faster'),
            metric(durationQuantile(0.95, all), '95 of 100 are faster'),
            metric(durationQuantile(0.99, all), '99 of 100 are faster'),
          ],
        }),
        overTime({
          title: 'How long does each route take?',
          description: '95 of 100 answers of a route have left by then. Dots open traces.',
          unit: 's',
          queries: [metricWithExemplars(durationQuantile(0.95, byRoute), '{{http_route}}')],
          valueLinks: [thisRoute, itsLines],
        }),
        ranking({
          title: 'Which routes are slowest?',
          description: 'The 95th percentile of the ten slowest, over the time range shown.',
          unit: 's',
          queries: [
            metricNow(`topk(10, ${durationQuantile(0.95, inRange)} >= 0)`, '{{http_route}}'),
          ],
          limits: slow,
          valueLinks: [thisRoute, itsLines],
        }),
        ranking({
          title: 'Which routes fail most?',
          description:
            'The share of 5xx of the ten that fail most, over the time range shown. All at 0 is well.',
          unit: 'percentunit',
          queries: [metricNow(`topk(10, ${failureShare(inRange)} >= 0)`, '{{http_route}}')],
          limits: failing,
          valueLinks: [thisRoute, itsLines],
        }),
        lines({
          title: 'What does it say?',
          description:
            'Its latest lines on the chosen routes. Opened, a line shows its fields and a link to its trace.',
          query: logLines(chosenLines),
          links: [
            linkTo('logs', 'Search these lines', '${service:queryparam}', '${route:queryparam}'),
          ],
        }),
      ],
    },
  ],
})
