import { countBy, foundLines } from '../expressions/log-lines.ts'
import { dashboard } from '../look/dashboard.ts'
import { lines } from '../look/lines.ts'
import { linkTo } from '../look/links.ts'
import { overTime } from '../look/over-time.ts'
import { logLines, logMetric, logMetricNow } from '../look/queries.ts'
import { ranking } from '../look/ranking.ts'
import { level, route, serviceName, services, typedIn } from '../look/variables.ts'

const inRange = '$__range'

export const logsDashboard = dashboard({
  uid: 'logs',
  title: 'Logs',
  description: 'Lines by level, route, trace id and text. The fields above narrow every panel.',
  variables: [
    services(),
    serviceName(),
    level(),
    route(),
    typedIn('trace_id', 'Trace id'),
    typedIn('contains', 'Contains'),
  ],
  sections: [
    {
      panels: [
        overTime({
          title: 'When was how much said?',
          description: 'Lines in each interval, by level.',
          unit: 'short',
          queries: [
            logMetric(countBy('severity_text', foundLines, '$__auto'), '{{severity_text}}'),
          ],
          stacked: true,
        }),
        ranking({
          title: 'Which errors are these?',
          description:
            'Lines by error.type, over the time range shown: the class of a bug, the code of an expected failure, or a status. A lone 0 is no error.',
          unit: 'short',
          queries: [
            logMetricNow(
              `${countBy('error_type', `${foundLines} | error_type!=""`, inRange)} or on () vector(0)`,
              '{{error_type}}',
            ),
          ],
          width: 6,
          height: 8,
          links: [linkTo('service', 'Which routes fail', '${service:queryparam}')],
        }),
        ranking({
          title: 'Which routes say most?',
          description: 'Lines of the ten routes with the most, over the time range shown.',
          unit: 'short',
          queries: [
            logMetricNow(
              `topk(10, ${countBy('http_route', `${foundLines} | http_route!=""`, inRange)}) or on () vector(0)`,
              '{{http_route}}',
            ),
          ],
          width: 6,
          height: 8,
          valueLinks: [
            linkTo(
              'logs',
              'This route alone',
              '${service:queryparam}',
              '${level:queryparam}',
              'var-route=${__field.labels.http_route}',
            ),
          ],
        }),
        lines({
          title: 'What was said?',
          description:
            'The latest 500 lines that the fields above leave. Opened, a line shows its fields and a link to its trace.',
          query: logLines(foundLines),
          height: 20,
        }),
      ],
    },
  ],
})
