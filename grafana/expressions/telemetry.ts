/** What services say of their own spans and log records. `where` are the matchers. */
export function droppedInRange(where: string): string {
  return `sum(increase(telemetry_dropped_total{${where}}[$__range]))`
}

/** Seconds since the collector last took a batch; what was never sent has no age. */
export function sinceLastSuccess(where: string, by: string): string {
  return `time() - min by (${by}) (telemetry_last_success_timestamp_seconds{${where}} > 0)`
}

/** Seconds in which 95 of 100 batches are handed over. */
export function exportDuration(where: string): string {
  const buckets = `rate(telemetry_export_duration_seconds_bucket{${where}}[$__rate_interval])`
  return `histogram_quantile(0.95, sum by (signal, le) (${buckets}))`
}
