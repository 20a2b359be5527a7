import { redactText } from '../redaction.ts'
import { spanName } from '../request-attributes.ts'
import type { RequestMetrics, RequestSeries } from '../request-metrics.ts'
import { AccessLineTemplate } from './access-line-template.ts'
import { AccessRecordTemplate } from './access-record-template.ts'
import { SpanTemplate } from './span-template.ts'
import { TextPart } from './text-part.ts'

/** All that can be known of a kind of request before it comes. */
export interface RequestTemplate {
  scheme: string
  method: string
  status: number
  span: SpanTemplate
  record: AccessRecordTemplate
  line: AccessLineTemplate
  series: RequestSeries
}

const mostTemplates = 2000

/** Made at the first request of a kind: one for each method, scheme, route and status that occurs. */
export class RequestTemplates {
  readonly #service: string
  readonly #metrics: RequestMetrics
  // A route has few, which are looked through faster than a key of all four would be joined.
  readonly #byRoute = new Map<string | undefined, RequestTemplate[]>()
  // All have it, and one request after the other is written.
  readonly #path = new TextPart()
  #count = 0

  constructor(service: string, metrics: RequestMetrics) {
    this.#service = service
    this.#metrics = metrics
  }

  of(scheme: string, method: string, route: string | undefined, status: number): RequestTemplate {
    const known = this.#byRoute.get(route)
    if (known !== undefined) {
      for (const template of known) {
        if (
          template.status === status &&
          template.method === method &&
          template.scheme === scheme
        ) {
          return template
        }
      }
    }
    return this.#first(scheme, method, route, status)
  }

  #first(
    scheme: string,
    method: string,
    route: string | undefined,
    status: number,
  ): RequestTemplate {
    // Routes come from patterns, so this is only reached where patterns come and go while the process lives.
    if (this.#count >= mostTemplates) this.#byRoute.clear()
    this.#count = this.#count >= mostTemplates ? 1 : this.#count + 1

    const template = this.#make(scheme, method, route, status)
    const ofRoute = this.#byRoute.get(route)
    if (ofRoute === undefined) this.#byRoute.set(route, [template])
    else ofRoute.push(template)
    return template
  }

  #make(
    scheme: string,
    method: string,
    route: string | undefined,
    status: number,
  ): RequestTemplate {
    const kind = { method, status, route: route === undefined ? undefined : redactText(route) }
    return {
      scheme,
      method,
      status,
      span: new SpanTemplate(
        { name: spanName(method, route), method, scheme, route, status },
        this.#path,
      ),
      record: new AccessRecordTemplate(kind, this.#path),
      line: new AccessLineTemplate({ ...kind, service: this.#service }, this.#path),
      series: this.#metrics.series({
        http_request_method: method,
        http_route: route ?? 'unmatched',
        http_response_status_code: String(status),
      }),
    }
  }
}
