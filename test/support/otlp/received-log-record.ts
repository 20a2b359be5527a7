import { attributesOf, attributeValueOf } from './attribute-value.ts'
import type { Attributes, AttributeValue, WireAnyValue, WireKeyValue } from './attribute-value.ts'

/** Ids are lower-case hex, `''` when the record belongs to no trace. */
export interface ReceivedLogRecord {
  resource: Attributes
  scope: string
  timeNanos: bigint
  severityNumber: number
  severityText: string
  body: AttributeValue
  attributes: Attributes
  traceId: string
  spanId: string
  flags: number
}

/** `request` is a decoded ExportLogsServiceRequest. */
export function receivedLogRecords(request: object): ReceivedLogRecord[] {
  return (request as WireRequest).resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords }) =>
      logRecords.map((record) => ({
        resource: attributesOf(resource?.attributes ?? []),
        scope: scope?.name ?? '',
        ...contentOf(record),
      })),
    ),
  )
}

function contentOf(record: WireLogRecord): Omit<ReceivedLogRecord, 'resource' | 'scope'> {
  return {
    timeNanos: BigInt(record.timeUnixNano),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: attributeValueOf(record.body),
    attributes: attributesOf(record.attributes),
    traceId: record.traceId.toString('hex'),
    spanId: record.spanId.toString('hex'),
    flags: record.flags,
  }
}

interface WireRequest {
  resourceLogs: {
    resource: { attributes: WireKeyValue[] } | null
    scopeLogs: { scope: { name: string } | null; logRecords: WireLogRecord[] }[]
  }[]
}

interface WireLogRecord {
  timeUnixNano: string
  severityNumber: number
  severityText: string
  body: WireAnyValue | null
  attributes: WireKeyValue[]
  traceId: Buffer
  spanId: Buffer
  flags: number
}
