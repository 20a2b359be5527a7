import { redactText } from '../redaction.ts'
import { spanName } from '../request-attributes.ts'
import type { RequestMetrics, RequestSeries } from '../request-metrics.ts'
import { AccessLineTemplate } from './access-line-template.ts'
import { AccessRecordTemplate } from './access-record-template.ts'
import { SpanTemplate } from './span-template.ts'

/** All that can be known of a kind of request before it comes. */
export interface RequestTemplate {
  span: SpanTemplate
  record: AccessRecordTemplate
  line: AccessLineTemplate
  series: RequestSeries
}

type ByStatus = Map<number, RequestTemplate>
type ByRoute = Map<string | undefined, ByStatus>

const mostTemplates = 2000

/** Made at the first request of a kind: one for each method, scheme, route and status that occurs. */
export class RequestTemplates {
  readonly #service: string
  readonly #metrics: RequestMetrics
  // By scheme and method; nested, since looking up a joined key would mean to join it each time.
  readonly #templates = new Map<string, Map<string, ByRoute>>()
  #count = 0

  constructor(service: string, metrics: RequestMetrics) {
    this.#service = service
    this.#metrics = metrics
  }

  of(scheme: string, method: string, route: string | undefined, status: number): RequestTemplate {
    return (
      this.#templates.get(scheme)?.get(method)?.get(route)?.get(status) ??
      this.#first(scheme, method, route, status)
    )
  }

  #first(
    scheme: string,
    method: string,
    route: string | undefined,
    status: number,
  ): RequestTemplate {
    // Routes come from patterns, so this is only reached where patterns come and go while the process lives.
    if (this.#count >= mostTemplates) this.#templates.clear()
    this.#count = this.#count >= mostTemplates ? 1 : this.#count + 1

    const template = this.#make(scheme, method, route, status)
    const byMethod = childOf(this.#templates, scheme, () => new Map<string, ByRoute>())
    const byRoute = childOf(byMethod, method, () => new Map<string | undefined, ByStatus>())
    childOf(byRoute, route, () => new Map<number, RequestTemplate>()).set(status, template)
    return template
  }

  #make(scheme: string, method: string, route: string | undefined, status: number) {
    const kind = { method, status, route: route === undefined ? undefined : redactText(route) }
    return {
      span: new SpanTemplate({ name: spanName(method, route), method, scheme, route, status }),
      record: new AccessRecordTemplate(kind),
      line: new AccessLineTemplate({ ...kind, service: this.#service }),
      series: this.#metrics.series({
        http_request_method: method,
        http_route: route ?? 'unmatched',
        http_response_status_code: String(status),
      }),
    }
  }
}

function childOf<key, child>(parent: Map<key, child>, key: key, make: () => child): child {
  const known = parent.get(key)
  if (known !== undefined) return known
  const made = make()
  parent.set(key, made)
  return made
}
