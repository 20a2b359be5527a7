import { starts } from '../../../grafana/look/annotations.ts'
import { dashboard } from '../../../grafana/look/dashboard.ts'
import { lines } from '../../../grafana/look/lines.ts'
import { linkTo } from '../../../grafana/look/links.ts'
import { oneNumber } from '../../../grafana/look/one-number.ts'
import { overTime } from '../../../grafana/look/over-time.ts'
import { logLines, metric } from '../../../grafana/look/queries.ts'
import { service, serviceName } from '../../../grafana/look/variables.ts'

const chosen = 'job=~"$service"'
const itself = { selected: true, text: 'configured-routes', value: 'configured-routes' }
const requests = linkTo('service', 'What its routes are asked', '${service:queryparam}')

export const configuredRoutesDashboard = dashboard({
  uid: 'configured-routes',
  title: 'Configured routes',
  description:
    'Which file of routes is in effect, and what became of the others. What the routes are asked is in Service.',
  variables: [service().current(itself), serviceName()],
  annotations: [starts()],
  sections: [
    {
      panels: [
        oneNumber({
          title: 'How many replicas refuse their file?',
          description:
            'They answer by the last file that was good. The log lines say what is wrong.',
          unit: 'short',
          queries: [metric(`sum(1 - config_reload_success{${chosen}})`, 'refusing')],
          limits: { bad: 1 },
          zero: 'none',
          width: 6,
        }),
        oneNumber({
          title: 'How many different files are in effect?',
          description: 'One, but for the minute in which a change spreads.',
          unit: 'short',
          queries: [metric(`count(count by (hash) (config_info{${chosen}}))`, 'files')],
          limits: { warning: 2 },
          width: 6,
        }),
        oneNumber({
          title: 'How many routes are there?',
          description: 'In the file that has the most of them.',
          unit: 'short',
          queries: [metric(`max(config_routes{${chosen}})`, 'routes')],
          links: [requests],
          width: 6,
        }),
        oneNumber({
          title: 'How old is the file in effect?',
          description: 'Since the last replica took it up; a start counts, too.',
          unit: 's',
          queries: [
            metric(`time() - max(config_last_reload_success_timestamp_seconds{${chosen}})`, 'age'),
          ],
          width: 6,
        }),
        overTime({
          title: 'Which file does each replica have?',
          description:
            'One line a replica and file, called by the hash: where one ends, the next begins.',
          unit: 'short',
          queries: [metric(`config_info{${chosen}}`, '{{instance}} {{hash}}')],
        }),
        overTime({
          title: 'What became of changed files?',
          description: 'Files that were taken up or refused, within the resolution of the graph.',
          unit: 'short',
          queries: [
            metric(
              `sum by (outcome) (increase(config_reloads_total{${chosen}}[$__rate_interval]))`,
              '{{outcome}}',
            ),
          ],
        }),
        lines({
          title: 'What does it say of its files?',
          description: 'A refusal names file, line and column, and what to write instead.',
          query: logLines('{service_name=~"$service_name"} |~ "configuration (taken up|refused)"'),
        }),
      ],
    },
  ],
})
