import type { Metrics } from './guarded-registry.ts'

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
  begin(method: string, scheme: string): void
  end(method: string, scheme: string): void
  /** Whether an exemplar is due for this observation; whoever asks and hears yes must deliver it. */
  claimExemplar(labels: RequestLabels, seconds: number): boolean
  observe(labels: RequestLabels, seconds: number, exemplar: Exemplar | undefined): void
}

// Those of the semantic conventions.
export const durationBucketsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const exemplarIntervalMillis = 10_000
const mostRememberedSeries = 10_000

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  // prom-client's types want the exemplar's labels among the metric's.
  const duration = metrics.histogram<keyof RequestLabels | keyof Exemplar>({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to the last byte of its answer.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: durationBucketsSeconds,
    enableExemplars: true,
  })
  const active = metrics.gauge({
    name: 'http_server_active_requests',
    help: 'Requests whose answer has not wholly left yet.',
    labelNames: ['http_request_method', 'url_scheme'],
  })
  const claims = new Map<string, number>()

  return {
    begin: (http_request_method, url_scheme) => active.inc({ http_request_method, url_scheme }),
    end: (http_request_method, url_scheme) => active.dec({ http_request_method, url_scheme }),
    claimExemplar(labels, seconds) {
      const bucket = durationBucketsSeconds.findIndex((bound) => seconds <= bound)
      const key = `${labels.http_request_method} ${labels.http_response_status_code} ${bucket} ${labels.http_route}`
      const now = performance.now()
      if (now - (claims.get(key) ?? -Infinity) < exemplarIntervalMillis) return false
      // Routes come from patterns, so this is only reached where patterns come and go while the process lives.
      if (claims.size >= mostRememberedSeries) claims.clear()
      claims.set(key, now)
      return true
    },
    observe(labels, value, exemplar) {
      duration.observe({
        labels: { ...labels },
        value,
        ...(exemplar && { exemplarLabels: { ...exemplar } }),
      })
    },
  }
}
