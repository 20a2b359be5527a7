import type { OtlpRequests } from './otlp-bodies.ts'

/** All that the requests of one recorder left. */
export interface LeftTelemetry {
  otlp: OtlpRequests
  /** Of stdout, without their newlines. */
  lines: string[]
  /** The whole text of a scrape. */
  exposition: string
}

export interface WireRecord {
  [field: string]: unknown
}

/** Each span with its resource and scope, as it was on the wire; in the order of their ids. */
export function wireSpans({ otlp }: LeftTelemetry): WireRecord[] {
  return otlp.traces
    .flatMap((request) => recordsOf(request, 'resourceSpans', 'scopeSpans', 'spans'))
    .toSorted((one, other) => compareTexts(keyOf(one), keyOf(other)))
}

/** Each log record with its resource and scope, as it was on the wire; those of a scope in the order they were made. */
export function wireLogRecords({ otlp }: LeftTelemetry): WireRecord[] {
  return otlp.logs
    .flatMap((request) => recordsOf(request, 'resourceLogs', 'scopeLogs', 'logRecords'))
    .toSorted((one, other) => compareTexts(scopeOf(one), scopeOf(other)))
}

function recordsOf(
  request: object,
  resourcesField: string,
  scopesField: string,
  recordsField: string,
): WireRecord[] {
  return listIn(request, resourcesField).flatMap((ofResource) =>
    listIn(ofResource, scopesField).flatMap((ofScope) =>
      listIn(ofScope, recordsField).map((record) => ({
        ...(comparable(record) as WireRecord),
        resource: comparable(ofResource['resource']),
        resourceSchemaUrl: ofResource['schemaUrl'],
        scope: comparable(ofScope['scope']),
        scopeSchemaUrl: ofScope['schemaUrl'],
      })),
    ),
  )
}

function listIn(holder: object, field: string): WireRecord[] {
  return (holder as Record<string, WireRecord[]>)[field] ?? []
}

/** Bytes as hex; attributes sorted, for their order says nothing, and twice where they are there twice. */
function comparable(value: unknown, field = ''): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item))
    return field === 'attributes' ? sortedByKey(items as { key: string }[]) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, comparable(item, name)]),
  )
}

function sortedByKey(attributes: { key: string }[]): { key: string }[] {
  return attributes.toSorted((one, other) => compareTexts(one.key, other.key))
}

function keyOf({ traceId, spanId }: WireRecord): string {
  return `${String(traceId)} ${String(spanId)}`
}

function scopeOf({ scope, scopeSchemaUrl }: WireRecord): string {
  return `${JSON.stringify(scope)} ${String(scopeSchemaUrl)}`
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
