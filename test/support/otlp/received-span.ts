import { attributesOf } from './attribute-value.ts'
import type { Attributes, WireKeyValue } from './attribute-value.ts'

/** Ids are lower-case hex, `''` when absent; a root span has the parent `''`. */
export interface ReceivedSpan {
  resource: Attributes
  scope: string
  traceId: string
  spanId: string
  parentSpanId: string
  traceState: string
  flags: number
  name: string
  kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | 'UNSPECIFIED'
  startNanos: bigint
  endNanos: bigint
  attributes: Attributes
  events: { name: string; timeNanos: bigint; attributes: Attributes }[]
  links: { traceId: string; spanId: string; attributes: Attributes }[]
  status: { code: 'UNSET' | 'OK' | 'ERROR'; message: string }
}

/** `request` is a decoded ExportTraceServiceRequest. */
export function receivedSpans(request: object): ReceivedSpan[] {
  return (request as WireRequest).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        resource: attributesOf(resource?.attributes ?? []),
        scope: scope?.name ?? '',
        ...contentOf(span),
      })),
    ),
  )
}

function contentOf(span: WireSpan): Omit<ReceivedSpan, 'resource' | 'scope'> {
  return {
    traceId: span.traceId.toString('hex'),
    spanId: span.spanId.toString('hex'),
    parentSpanId: span.parentSpanId.toString('hex'),
    traceState: span.traceState,
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startNanos: BigInt(span.startTimeUnixNano),
    endNanos: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeNanos: BigInt(timeUnixNano),
      attributes: attributesOf(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId: traceId.toString('hex'),
      spanId: spanId.toString('hex'),
      attributes: attributesOf(attributes),
    })),
    status: { code: span.status?.code ?? 'UNSET', message: span.status?.message ?? '' },
  }
}

interface WireRequest {
  resourceSpans: {
    resource: { attributes: WireKeyValue[] } | null
    scopeSpans: { scope: { name: string } | null; spans: WireSpan[] }[]
  }[]
}

interface WireSpan {
  traceId: Buffer
  spanId: Buffer
  parentSpanId: Buffer
  traceState: string
  flags: number
  name: string
  kind: ReceivedSpan['kind']
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: WireKeyValue[]
  events: { name: string; timeUnixNano: string; attributes: WireKeyValue[] }[]
  links: { traceId: Buffer; spanId: Buffer; attributes: WireKeyValue[] }[]
  status: ReceivedSpan['status'] | null
}
