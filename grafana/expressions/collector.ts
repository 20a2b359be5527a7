const collector = 'job="otel-collector"'

/**
 * A metric that the collector tells of itself. Scraped by name, its counters lack `_total`; pushed, or scraped as
 * OpenMetrics by a later version, they have it.
 */
export function collectorMetric(name: string, suffix = 'total'): string {
  return `{__name__=~"${name}(_${suffix})?", ${collector}}`
}

/** Items a second; 0 where the counter does not exist yet, as those of failures before the first one. */
export function collectorRate(name: string): string {
  return `(sum(rate(${collectorMetric(name)}[$__rate_interval])) or vector(0))`
}

/**
 * How many within `over`; 0 likewise. `increase` alone would say 0 of the very first failures, as their counter begins
 * with them: a counter that was not there before counts whole. So does, wrongly, one that could not be scraped then.
 */
export function collectorCount(name: string, over = '$__range'): string {
  const counter = collectorMetric(name)
  const born = `(${counter} unless ${counter} offset ${over})`
  return `(sum(${born} or increase(${counter}[${over}])) or vector(0))`
}

/**
 * The counters of items that the collector lost or would not take. One by one: a rate over several names at once fails
 * where their labels are equal.
 */
export const collectorLosses = {
  'spans not sent': 'otelcol_exporter_send_failed_spans',
  'log records not sent': 'otelcol_exporter_send_failed_log_records',
  'metric points not sent': 'otelcol_exporter_send_failed_metric_points',
  'spans not queued': 'otelcol_exporter_enqueue_failed_spans',
  'log records not queued': 'otelcol_exporter_enqueue_failed_log_records',
  'metric points not queued': 'otelcol_exporter_enqueue_failed_metric_points',
}

export const collectorRefusals = {
  'spans refused': 'otelcol_receiver_refused_spans',
  'log records refused': 'otelcol_receiver_refused_log_records',
  'spans failed inside': 'otelcol_receiver_failed_spans',
  'log records failed inside': 'otelcol_receiver_failed_log_records',
}

export function collectorQueueShare(): string {
  const metric = (name: string) => `max by (exporter, data_type) (${name}{${collector}})`
  return `${metric('otelcol_exporter_queue_size')} / ${metric('otelcol_exporter_queue_capacity')}`
}

export function collectorMemory(): string {
  return collectorMetric('otelcol_process_memory_rss', 'bytes')
}

export function sumOf(counters: Record<string, string>, amount: (name: string) => string): string {
  return Object.values(counters)
    .map((name) => amount(name))
    .join(' + ')
}
