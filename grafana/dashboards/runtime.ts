import { eventLoopUtilisation } from '../expressions/runtime.ts'
import { starts } from '../look/annotations.ts'
import { dashboard } from '../look/dashboard.ts'
import { linkTo } from '../look/links.ts'
import { oneNumber } from '../look/one-number.ts'
import { overTime } from '../look/over-time.ts'
import { metric } from '../look/queries.ts'
import { service } from '../look/variables.ts'

const ofService = 'job=~"$service"'

export const runtimeDashboard = dashboard({
  uid: 'runtime',
  title: 'Runtime',
  description:
    'The processes of a service: whether they have enough of everything, and keep running.',
  variables: [service()],
  annotations: [starts()],
  sections: [
    {
      panels: [
        oneNumber({
          title: 'Which version runs?',
          description: 'By service_info. Several names mean several versions at once.',
          unit: 'short',
          queries: [
            metric(`count by (version, revision) (service_info{${ofService}})`, '{{version}}'),
          ],
          width: 6,
          name: true,
        }),
        oneNumber({
          title: 'How many processes run?',
          description: 'Targets of this service that Prometheus reaches.',
          unit: 'short',
          queries: [metric(`sum(up{${ofService}})`, 'processes')],
          width: 6,
        }),
        oneNumber({
          title: 'How often was it restarted?',
          description:
            'Changes of a start time under the same address, in the time range shown. A purple line marks each start.',
          unit: 'short',
          queries: [
            metric(`sum(changes(process_start_time_seconds{${ofService}}[$__range]))`, 'restarts'),
          ],
          width: 6,
          zero: 'never',
          limits: { warning: 1, bad: 3 },
        }),
        oneNumber({
          title: 'How long has the youngest run?',
          description: 'Time since the latest start of a process.',
          unit: 's',
          queries: [
            metric(`time() - max(process_start_time_seconds{${ofService}})`, 'since the start'),
          ],
          width: 6,
        }),
        overTime({
          title: 'How busy is the event loop?',
          description:
            'The share of time in which it ran code. Near 100 % every request waits for those before it: add a process.',
          unit: 'percentunit',
          queries: [metric(eventLoopUtilisation(ofService), '{{instance}}')],
          width: 8,
          max: 1,
          limits: { warning: 0.7, bad: 0.9 },
          links: [linkTo('service', 'Which routes are slow', '${service:queryparam}')],
        }),
        overTime({
          title: 'Is the event loop held up?',
          description:
            'Delay of a timer of 10 ms: an idle process shows about 10 ms. Peaks are code that ran long in one piece.',
          unit: 's',
          queries: [
            metric(`nodejs_eventloop_lag_p50_seconds{${ofService}}`, '50th {{instance}}'),
            metric(`nodejs_eventloop_lag_p99_seconds{${ofService}}`, '99th {{instance}}'),
            metric(`nodejs_eventloop_lag_max_seconds{${ofService}}`, 'longest {{instance}}'),
          ],
          width: 8,
          limits: { warning: 0.1, bad: 0.5 },
        }),
        overTime({
          title: 'How much CPU is used?',
          description:
            'Seconds of CPU a second; 100 % is one core. JavaScript alone uses one at most.',
          unit: 'percentunit',
          queries: [
            metric(
              `rate(process_cpu_user_seconds_total{${ofService}}[$__rate_interval])`,
              'own code {{instance}}',
            ),
            metric(
              `rate(process_cpu_system_seconds_total{${ofService}}[$__rate_interval])`,
              'kernel {{instance}}',
            ),
          ],
          width: 8,
          stacked: true,
        }),
        overTime({
          title: 'How much memory is held?',
          description:
            'Resident is what a container limit counts. Resident that grows while the heap does not is memory outside of it: buffers.',
          unit: 'bytes',
          queries: [
            metric(`process_resident_memory_bytes{${ofService}}`, 'resident {{instance}}'),
            metric(`nodejs_heap_size_total_bytes{${ofService}}`, 'heap {{instance}}'),
            metric(`nodejs_heap_size_used_bytes{${ofService}}`, 'heap in use {{instance}}'),
            metric(`nodejs_external_memory_bytes{${ofService}}`, 'external {{instance}}'),
          ],
          width: 8,
        }),
        overTime({
          title: 'Which part of the heap grows?',
          description:
            'Bytes in use by space, all processes. A leak grows in old space and stays after collections.',
          unit: 'bytes',
          queries: [
            metric(
              `sum by (space) (nodejs_heap_space_size_used_bytes{${ofService}}) > 0`,
              '{{space}}',
            ),
          ],
          width: 8,
          stacked: true,
        }),
        overTime({
          title: 'How much time goes into garbage collection?',
          description:
            'The share of time, by kind. Much of major means that the heap is too small.',
          unit: 'percentunit',
          queries: [
            metric(
              `sum by (kind) (rate(nodejs_gc_duration_seconds_sum{${ofService}}[$__rate_interval]))`,
              '{{kind}}',
            ),
          ],
          width: 8,
          limits: { warning: 0.1, bad: 0.25 },
        }),
        overTime({
          title: 'Are there descriptors left?',
          description:
            'The share of file descriptors in use: sockets and files. At 100 % it accepts nobody.',
          unit: 'percentunit',
          queries: [
            metric(
              `process_open_fds{${ofService}} / process_max_fds{${ofService}}`,
              '{{instance}}',
            ),
          ],
          max: 1,
          limits: { warning: 0.7, bad: 0.9 },
        }),
        overTime({
          title: 'What keeps the event loop alive?',
          description:
            'Resources by type, all processes: sockets, timers. One kind that only grows is a leak.',
          unit: 'short',
          queries: [metric(`sum by (type) (nodejs_active_resources{${ofService}})`, '{{type}}')],
        }),
      ],
    },
  ],
})
