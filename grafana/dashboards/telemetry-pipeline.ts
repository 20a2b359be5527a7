import {
  collectorCount,
  collectorLosses,
  collectorMemory,
  collectorQueueShare,
  collectorRate,
  collectorRefusals,
  sumOf,
} from '../expressions/collector.ts'
import { droppedInRange, exportDuration, sinceLastSuccess } from '../expressions/telemetry.ts'
import { dashboard } from '../look/dashboard.ts'
import { oneNumber } from '../look/one-number.ts'
import { overTime } from '../look/over-time.ts'
import { metric } from '../look/queries.ts'
import { services } from '../look/variables.ts'

const ofServices = 'job=~"$service"'
const none = 'none'

export const telemetryPipelineDashboard = dashboard({
  uid: 'telemetry-pipeline',
  title: 'Telemetry pipeline',
  description:
    'Whether what the other dashboards show is all there was: from the services through the collector to the stores.',
  variables: [services()],
  sections: [
    {
      panels: [
        oneNumber({
          title: 'What did services lose?',
          description: 'Spans and log records that were dropped in the time range shown.',
          unit: 'short',
          queries: [metric(droppedInRange(ofServices), 'lost')],
          zero: none,
          limits: { bad: 1 },
        }),
        oneNumber({
          title: 'What did the collector lose?',
          description:
            'Items that could not be sent or queued, in the time range shown. Retries that succeed are not among them.',
          unit: 'short',
          queries: [metric(sumOf(collectorLosses, collectorCount), 'lost')],
          zero: none,
          limits: { bad: 1 },
        }),
        oneNumber({
          title: 'What did the collector refuse?',
          description:
            'Items that it would not take, in the time range shown: services keep and retry them, and drop them in the end.',
          unit: 'short',
          queries: [metric(sumOf(collectorRefusals, collectorCount), 'refused')],
          zero: none,
          limits: { warning: 1 },
        }),
        oneNumber({
          title: 'How old is the last success?',
          description:
            'Time since the collector last took a batch, for the service and signal where that is longest. Without requests it grows, and nothing is wrong.',
          unit: 's',
          queries: [metric(`max(${sinceLastSuccess(ofServices, 'job, signal')})`, 'age')],
          nothing: 'never yet',
          limits: { warning: 300 },
        }),
        oneNumber({
          title: 'How full is the fullest queue?',
          description: 'Of the queues of the collector, one for each exporter.',
          unit: 'percentunit',
          queries: [metric(`max(${collectorQueueShare()})`, 'fullest')],
          limits: { warning: 0.5, bad: 0.8 },
        }),
        oneNumber({
          title: 'How much memory has the collector?',
          description: 'Resident. Near its limit it refuses what services send.',
          unit: 'bytes',
          queries: [metric(`max(${collectorMemory()})`, 'resident')],
        }),
      ],
    },
    {
      title: 'In the services',
      panels: [
        overTime({
          title: 'Does all leave that is made?',
          description:
            'Spans and log records a second. Made and taken lie upon each other, lost at 0.',
          unit: 'cps',
          queries: [
            metric(perSecond('telemetry_created_total'), '{{signal}} made'),
            metric(perSecond('telemetry_exported_total'), '{{signal}} taken'),
            metric(perSecond('telemetry_dropped_total'), '{{signal}} lost'),
          ],
        }),
        overTime({
          title: 'Why is it lost?',
          description:
            'queue_full: made faster than it leaves. export_failed: the collector was away for too long. rejected: it refused a part.',
          unit: 'cps',
          queries: [
            metric(perSecond('telemetry_dropped_total', 'signal, reason'), '{{signal}} {{reason}}'),
          ],
        }),
        overTime({
          title: 'How much waits?',
          description:
            'Spans and log records that wait for their export. It rises and falls with the batches.',
          unit: 'short',
          queries: [
            metric(
              `sum by (job, signal) (telemetry_queue_length{${ofServices}})`,
              '{{job}} {{signal}}',
            ),
          ],
          width: 8,
          height: 7,
        }),
        overTime({
          title: 'How long does an export take?',
          description: '95 of 100 batches are handed over in less, retries included.',
          unit: 's',
          queries: [metric(exportDuration(ofServices), '{{signal}}')],
          width: 8,
          height: 7,
          limits: { warning: 1, bad: 5 },
        }),
        overTime({
          title: 'How long since the last success?',
          description: 'A line that climbs under load is a signal that no longer leaves.',
          unit: 's',
          queries: [metric(sinceLastSuccess(ofServices, 'job, signal'), '{{job}} {{signal}}')],
          width: 8,
          height: 7,
          limits: { warning: 300 },
        }),
      ],
    },
    {
      title: 'In the collector',
      panels: [
        overTime({
          title: 'Does all go on that comes in?',
          description:
            'Items a second. With tail sampling fewer spans go on than come in, and that is meant.',
          unit: 'cps',
          queries: [
            metric(collectorRate('otelcol_receiver_accepted_spans'), 'spans in'),
            metric(collectorRate('otelcol_exporter_sent_spans'), 'spans out'),
            metric(collectorRate('otelcol_receiver_accepted_log_records'), 'log records in'),
            metric(collectorRate('otelcol_exporter_sent_log_records'), 'log records out'),
            metric(collectorRate('otelcol_exporter_sent_metric_points'), 'metric points out'),
          ],
          width: 8,
        }),
        overTime({
          title: 'What does it lose or refuse?',
          description:
            'Items in each interval. Not sent: given up after all retries. Not queued: the queue was full. Refused: no room in memory or in a queue; the sender tries again. Failed: what a newer collector calls it.',
          unit: 'short',
          queries: Object.entries({ ...collectorLosses, ...collectorRefusals }).map(
            ([what, counter]) => metric(collectorCount(counter, '$__rate_interval'), what),
          ),
          width: 8,
        }),
        overTime({
          title: 'How full are its queues?',
          description: 'A queue fills while its store is away, and empties afterwards.',
          unit: 'percentunit',
          queries: [metric(collectorQueueShare(), '{{exporter}}')],
          width: 8,
          max: 1,
          limits: { warning: 0.5, bad: 0.8 },
        }),
      ],
    },
  ],
})

function perSecond(counter: string, by = 'signal'): string {
  return `sum by (${by}) (rate(${counter}{${ofServices}}[$__rate_interval]))`
}
