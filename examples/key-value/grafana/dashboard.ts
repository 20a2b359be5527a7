import { starts } from '../../../grafana/look/annotations.ts'
import { dashboard } from '../../../grafana/look/dashboard.ts'
import { linkTo } from '../../../grafana/look/links.ts'
import { oneNumber } from '../../../grafana/look/one-number.ts'
import { overTime } from '../../../grafana/look/over-time.ts'
import { metric } from '../../../grafana/look/queries.ts'
import { service } from '../../../grafana/look/variables.ts'

const chosen = 'job=~"$service"'
const slow = { warning: 0.01, bad: 0.1 }

const failingLines = linkTo(
  'logs',
  'The error lines',
  '${service:queryparam}',
  'var-level=warn',
  'var-level=error',
)

export const keyValueDashboard = dashboard({
  uid: 'key-value',
  title: 'Key-value: Redis',
  description:
    'Redis as the key-value service sees it: who is there, what is asked, what fails, and how far replicas lag.',
  variables: [service()],
  annotations: [starts()],
  sections: [
    {
      panels: [
        oneNumber({
          title: 'Is the primary there?',
          description:
            'Of the instances of the service, the share that is connected to it. Without it nothing can be written.',
          unit: 'percentunit',
          queries: [metric(`avg(redis_connection_up{${chosen}, role="primary"})`, 'connected')],
          zero: 'no',
        }),
        oneNumber({
          title: 'How many replicas follow it?',
          description: 'As the primary says; nothing while it is away.',
          unit: 'short',
          queries: [metric(`min(redis_connected_replicas{${chosen}})`, 'replicas')],
          nothing: 'primary away',
          zero: 'none',
        }),
        oneNumber({
          title: 'How far does the slowest lag?',
          description: 'Bytes that the primary has written and this replica has not.',
          unit: 'bytes',
          queries: [metric(`max(redis_replica_lag_bytes{${chosen}})`, 'lag')],
          nothing: 'nobody knows',
          limits: { warning: 100_000, bad: 1_000_000 },
        }),
        oneNumber({
          title: 'How much is asked?',
          description: 'Reads and writes a second; what the service asks for itself not counted.',
          unit: 'ops',
          queries: [metric(commandRate({ where: 'command!="INFO"' }), 'commands')],
        }),
        oneNumber({
          title: 'How much of it fails?',
          description: 'The share of reads and writes that got no answer, or an error.',
          unit: 'percentunit',
          queries: [
            metric(
              `(${failing('')} or 0 * ${commandRate({ where: 'command!="INFO"' })}) / ${commandRate({ where: 'command!="INFO"' })}`,
              'failing',
            ),
          ],
          nothing: 'nothing asked',
          limits: { warning: 0.001, bad: 0.01 },
          links: [failingLines],
        }),
        oneNumber({
          title: 'How long does it take?',
          description: '95 of 100 replies came in less than this.',
          unit: 's',
          queries: [metric(quantile(0.95, ''), '95th percentile')],
          nothing: 'nothing asked',
          limits: slow,
        }),
        overTime({
          title: 'What becomes of commands?',
          description:
            'Commands a second by outcome. refused: an error reply; timeout and broke: nobody knows; away and busy: never sent.',
          unit: 'ops',
          queries: [
            metric(commandRate({ where: 'command!="INFO"', by: 'outcome' }), '{{outcome}}'),
          ],
          stacked: true,
        }),
        overTime({
          title: 'Who answers?',
          description:
            'Replies a second by command and role: reads of the primary are those that no replica answered.',
          unit: 'ops',
          queries: [
            metric(
              commandRate({ where: 'command!="INFO", outcome="ok"', by: 'command, role' }),
              '{{command}} {{role}}',
            ),
          ],
          stacked: true,
        }),
        overTime({
          title: 'How long do replies take?',
          description: '95 of 100 of a command. WAIT is how long replicas take to confirm.',
          unit: 's',
          queries: [metric(quantile(0.95, 'command'), '{{command}}')],
          limits: slow,
        }),
        overTime({
          title: 'Which commands fail?',
          description: 'Commands a second that got no answer or an error, by command and outcome.',
          unit: 'ops',
          queries: [metric(failing('command, outcome'), '{{command}} {{outcome}}')],
          links: [failingLines],
        }),
        overTime({
          title: 'How far do replicas lag?',
          description:
            'Bytes behind the primary. A line that ends: the replica or the primary does not tell.',
          unit: 'bytes',
          queries: [metric(`max by (replica) (redis_replica_lag_bytes{${chosen}})`, '{{replica}}')],
          limits: { warning: 100_000, bad: 1_000_000 },
        }),
        overTime({
          title: 'Who is connected?',
          description:
            'Of the instances of the service, the share that is connected to a server; and of replicas, whether they are to their primary.',
          unit: 'percentunit',
          max: 1,
          queries: [
            metric(
              `avg by (role, server) (redis_connection_up{${chosen}})`,
              'service to {{role}} {{server}}',
            ),
            metric(
              `avg by (replica) (redis_replica_link_up{${chosen}})`,
              '{{replica}} to its primary',
            ),
          ],
        }),
      ],
    },
  ],
})

function commandRate({ where, by }: { where: string; by?: string }): string {
  const kept = by === undefined ? '' : ` by (${by}) `
  return `sum${kept}(rate(redis_command_duration_seconds_count{${chosen}, ${where}}[$__rate_interval]))`
}

function failing(by: string): string {
  const where = 'command!="INFO", outcome!="ok"'
  return commandRate(by === '' ? { where } : { where, by })
}

function quantile(share: number, by: string): string {
  const labels = by === '' ? 'le' : `${by}, le`
  const buckets = `redis_command_duration_seconds_bucket{${chosen}, command!="INFO", outcome="ok"}`
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${buckets}[$__rate_interval])))`
}
