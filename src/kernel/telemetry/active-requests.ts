import type { Metrics } from './guarded-registry.ts'

/** How many requests are under way; added up here, since prom-client's `inc` costs more than all the rest of a count. */
export class ActiveRequests {
  readonly #counts = new Map<string, Map<string, { value: number }>>()

  constructor(metrics: Metrics) {
    const counts = this.#counts
    metrics.gauge({
      name: 'http_server_active_requests',
      help: 'Requests whose answer has not wholly left yet.',
      labelNames: ['http_request_method', 'url_scheme'],
      collect() {
        for (const [http_request_method, schemes] of counts) {
          for (const [url_scheme, { value }] of schemes) {
            this.set({ http_request_method, url_scheme }, value)
          }
        }
      },
    })
  }

  /** One more; whoever ends takes one off the `value`. */
  begin(method: string, scheme: string): { value: number } {
    const count = this.#counts.get(method)?.get(scheme) ?? this.#first(method, scheme)
    count.value += 1
    return count
  }

  #first(method: string, scheme: string): { value: number } {
    const schemes = this.#counts.get(method) ?? new Map<string, { value: number }>()
    const count = { value: 0 }
    schemes.set(scheme, count)
    this.#counts.set(method, schemes)
    return count
  }
}
