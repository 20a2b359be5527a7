import type { Histogram } from 'prom-client'

import { ActiveRequests } from './active-requests.ts'
import type { Metrics } from './guarded-registry.ts'
import { observeInCell } from './histogram-cell.ts'

export interface RequestLabels {
  http_request_method: string
  /** The pattern that answered, or `unmatched`; never the path. */
  http_route: string
  /** Empty if no answer was begun. */
  http_response_status_code: string
}

export interface Exemplar {
  trace_id: string
  span_id: string
}

export interface RequestMetrics {
  /** A request more is under way; whoever ends it takes one off the `value`. */
  begin(method: string, scheme: string): { value: number }
  /** The series of one kind of request; whoever has many of a kind keeps it. */
  series(labels: RequestLabels): RequestSeries
}

export interface RequestSeries {
  /**
   * Whether an exemplar is due for this observation; whoever asks and hears yes must deliver it. Whoever measured the
   * seconds knows the time of `performance.now()` already, and may say it.
   */
  claimExemplar(seconds: number, uptimeMillis?: number): boolean
  observe(seconds: number, exemplar: Exemplar | undefined): void
}

// Those of the semantic conventions.
export const durationBucketsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const exemplarIntervalMillis = 10_000
const mostRememberedSeries = 10_000

// prom-client's types want the exemplar's labels among the metric's.
type Duration = Histogram<keyof RequestLabels | keyof Exemplar>

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const duration: Duration = metrics.histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to the last byte of its answer.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: durationBucketsSeconds,
    enableExemplars: true,
  })
  const active = new ActiveRequests(metrics)
  const remembered = new Map<string, RequestSeries>()

  return {
    begin: (method, scheme) => active.begin(method, scheme),
    series(labels) {
      const key = `${labels.http_request_method} ${labels.http_response_status_code} ${labels.http_route}`
      const known = remembered.get(key)
      if (known) return known

      // Routes come from patterns, so this is only reached where patterns come and go while the process lives.
      if (remembered.size >= mostRememberedSeries) remembered.clear()
      const series = new DurationSeries(duration, labels)
      remembered.set(key, series)
      return series
    },
  }
}

class DurationSeries implements RequestSeries {
  readonly #duration: Duration
  readonly #labels: RequestLabels
  /** One a bucket, and one for what is above them all. */
  readonly #claimedAtMillis = new Float64Array(durationBucketsSeconds.length + 1).fill(-Infinity)
  readonly #observePlain: (seconds: number) => void

  constructor(duration: Duration, labels: RequestLabels) {
    this.#duration = duration
    this.#labels = labels
    this.#observePlain = observeInCell(duration, { ...labels })
  }

  claimExemplar(seconds: number, uptimeMillis = performance.now()): boolean {
    const bucket = bucketOf(seconds)
    if (uptimeMillis - (this.#claimedAtMillis[bucket] ?? 0) < exemplarIntervalMillis) return false
    this.#claimedAtMillis[bucket] = uptimeMillis
    return true
  }

  observe(seconds: number, exemplar: Exemplar | undefined): void {
    if (!exemplar) return this.#observePlain(seconds)
    this.#duration.observe({
      labels: { ...this.#labels },
      value: seconds,
      exemplarLabels: { ...exemplar },
    })
  }
}

function bucketOf(seconds: number): number {
  let bucket = 0
  while (seconds > (durationBucketsSeconds[bucket] ?? Infinity)) bucket += 1
  return bucket
}
