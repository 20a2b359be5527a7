// The numbers of the OTLP fields we write, as ready tags. A tag is what precedes a field's content on the wire: its
// number and how its end is found. The names are those of opentelemetry-proto 1.x (opentelemetry/proto/…).

function varint(field: number): number {
  return field << 3
}

function fixed64(field: number): number {
  return (field << 3) | 1
}

function lengthDelimited(field: number): number {
  return (field << 3) | 2
}

function fixed32(field: number): number {
  return (field << 3) | 5
}

/** collector/trace/v1/trace_service.proto and collector/logs/v1/logs_service.proto: both requests look the same. */
export const exportRequestTags = {
  resourceSpans: lengthDelimited(1),
  resourceLogs: lengthDelimited(1),
} as const

/** trace/v1/trace.proto */
export const resourceSpansTags = {
  resource: lengthDelimited(1),
  scopeSpans: lengthDelimited(2),
  schemaUrl: lengthDelimited(3),
} as const

/** trace/v1/trace.proto */
export const scopeSpansTags = {
  scope: lengthDelimited(1),
  spans: lengthDelimited(2),
  schemaUrl: lengthDelimited(3),
} as const

/** logs/v1/logs.proto */
export const resourceLogsTags = {
  resource: lengthDelimited(1),
  scopeLogs: lengthDelimited(2),
  schemaUrl: lengthDelimited(3),
} as const

/** logs/v1/logs.proto */
export const scopeLogsTags = {
  scope: lengthDelimited(1),
  logRecords: lengthDelimited(2),
  schemaUrl: lengthDelimited(3),
} as const

/** resource/v1/resource.proto */
export const resourceTags = {
  attributes: lengthDelimited(1),
  droppedAttributesCount: varint(2),
} as const

/** common/v1/common.proto */
export const scopeTags = {
  name: lengthDelimited(1),
  version: lengthDelimited(2),
  attributes: lengthDelimited(3),
  droppedAttributesCount: varint(4),
} as const

/** common/v1/common.proto */
export const keyValueTags = {
  key: lengthDelimited(1),
  value: lengthDelimited(2),
} as const

/** common/v1/common.proto; a oneof, so a field is written even when it holds its type's zero. */
export const anyValueTags = {
  stringValue: lengthDelimited(1),
  boolValue: varint(2),
  intValue: varint(3),
  doubleValue: fixed64(4),
  arrayValue: lengthDelimited(5),
  kvlistValue: lengthDelimited(6),
  bytesValue: lengthDelimited(7),
} as const

/** ArrayValue and KeyValueList of common/v1/common.proto: both hold only this. */
export const listTags = {
  values: lengthDelimited(1),
} as const

/** trace/v1/trace.proto */
export const spanTags = {
  traceId: lengthDelimited(1),
  spanId: lengthDelimited(2),
  traceState: lengthDelimited(3),
  parentSpanId: lengthDelimited(4),
  name: lengthDelimited(5),
  kind: varint(6),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: lengthDelimited(9),
  droppedAttributesCount: varint(10),
  events: lengthDelimited(11),
  droppedEventsCount: varint(12),
  links: lengthDelimited(13),
  droppedLinksCount: varint(14),
  status: lengthDelimited(15),
  flags: fixed32(16),
} as const

/** Span.Event of trace/v1/trace.proto */
export const eventTags = {
  timeUnixNano: fixed64(1),
  name: lengthDelimited(2),
  attributes: lengthDelimited(3),
  droppedAttributesCount: varint(4),
} as const

/** Span.Link of trace/v1/trace.proto */
export const linkTags = {
  traceId: lengthDelimited(1),
  spanId: lengthDelimited(2),
  traceState: lengthDelimited(3),
  attributes: lengthDelimited(4),
  droppedAttributesCount: varint(5),
  flags: fixed32(6),
} as const

/** trace/v1/trace.proto */
export const statusTags = {
  message: lengthDelimited(2),
  code: varint(3),
} as const

/** logs/v1/logs.proto */
export const logRecordTags = {
  timeUnixNano: fixed64(1),
  severityNumber: varint(2),
  severityText: lengthDelimited(3),
  body: lengthDelimited(5),
  attributes: lengthDelimited(6),
  droppedAttributesCount: varint(7),
  flags: fixed32(8),
  traceId: lengthDelimited(9),
  spanId: lengthDelimited(10),
  observedTimeUnixNano: fixed64(11),
  eventName: lengthDelimited(12),
} as const
