import type { Metrics } from './guarded-registry.ts'

interface Count {
  readonly method: string
  readonly scheme: string
  value: number
}

/** How many requests are under way; added up here, since prom-client's `inc` costs more than all the rest of a count. */
export class ActiveRequests {
  // One a method and scheme, of which there are few.
  readonly #counts: Count[] = []

  constructor(metrics: Metrics) {
    const counts = this.#counts
    metrics.gauge({
      name: 'http_server_active_requests',
      help: 'Requests whose answer has not wholly left yet.',
      labelNames: ['http_request_method', 'url_scheme'],
      collect() {
        for (const { method, scheme, value } of counts) {
          this.set({ http_request_method: method, url_scheme: scheme }, value)
        }
      },
    })
  }

  /** One more; whoever ends takes one off the `value`. */
  begin(method: string, scheme: string): { value: number } {
    const count = this.#of(method, scheme)
    count.value += 1
    return count
  }

  #of(method: string, scheme: string): Count {
    for (const count of this.#counts) {
      if (count.method === method && count.scheme === scheme) return count
    }
    const first = { method, scheme, value: 0 }
    this.#counts.push(first)
    return first
  }
}
