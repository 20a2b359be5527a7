export interface OhaReport {
  requests: number
  perSecond: number
  /** By status, as text. */
  statuses: Record<string, number>
  /** Other than that the time was over. */
  errors: number
  p50Millis: number
  p99Millis: number
  p999Millis: number
}

/** What `oha --output-format json` prints. @throws if it is anything else */
export function readOhaReport(text: string): OhaReport {
  const { summary, latencyPercentiles, statusCodeDistribution, errorDistribution } = JSON.parse(
    text,
  ) as {
    summary: { requestsPerSec: number }
    latencyPercentiles: Record<string, number | null>
    statusCodeDistribution: Record<string, number>
    errorDistribution: Record<string, number>
  }
  const millis = (percentile: string) => (latencyPercentiles[percentile] ?? Number.NaN) * 1000
  return {
    requests: sumOf(Object.values(statusCodeDistribution)),
    perSecond: summary.requestsPerSec,
    statuses: statusCodeDistribution,
    errors: sumOf(
      Object.entries(errorDistribution).map(([error, count]) =>
        error === 'aborted due to deadline' ? 0 : count,
      ),
    ),
    p50Millis: millis('p50'),
    p99Millis: millis('p99'),
    p999Millis: millis('p99.9'),
  }
}

function sumOf(counts: number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
