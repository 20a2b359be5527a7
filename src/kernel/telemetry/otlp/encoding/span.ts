import type { HrTime, SpanKind, SpanStatus } from '@opentelemetry/api'

import { writeAttributes } from './any-value.ts'
import { eventTags, linkTags, scopeSpansTags, spanTags, statusTags } from './fields.ts'
import type { ProtobufWriter } from './protobuf-writer.ts'

/** Ids are hex; `''` stands for what is absent. */
export interface SpanData {
  traceId: string
  spanId: string
  /** `''` for a root span. */
  parentSpanId: string
  parentIsRemote: boolean
  /** As the header carries it. */
  traceState: string
  traceFlags: number
  name: string
  kind: SpanKind
  startTime: HrTime
  endTime: HrTime
  attributes: Readonly<Record<string, unknown>>
  droppedAttributesCount: number
  events: readonly SpanEventData[]
  droppedEventsCount: number
  links: readonly SpanLinkData[]
  droppedLinksCount: number
  status: SpanStatus
}

/** An event of the SDK's spans is one as it is. */
export interface SpanEventData {
  name: string
  time: HrTime
  attributes?: Readonly<Record<string, unknown>>
  droppedAttributesCount?: number
}

export interface SpanLinkData {
  traceId: string
  spanId: string
  isRemote: boolean
  traceState: string
  traceFlags: number
  attributes?: Readonly<Record<string, unknown>>
  droppedAttributesCount?: number
}

/** One of ScopeSpans.spans, with its tag and length. */
export function writeSpan(writer: ProtobufWriter, span: SpanData): void {
  const start = writer.begin(scopeSpansTags.spans)
  writer.writeId(spanTags.traceId, span.traceId)
  writer.writeId(spanTags.spanId, span.spanId)
  if (span.traceState) writer.writeString(spanTags.traceState, span.traceState)
  if (span.parentSpanId) writer.writeId(spanTags.parentSpanId, span.parentSpanId)
  writer.writeString(spanTags.name, span.name)
  // OTLP counts from one: its zero is "unspecified", which the API does not know.
  writer.writeVarint(spanTags.kind, span.kind + 1)
  writer.writeTime(spanTags.startTimeUnixNano, span.startTime)
  writer.writeTime(spanTags.endTimeUnixNano, span.endTime)
  writeAttributes(writer, spanTags.attributes, span.attributes)
  writeUnlessZero(writer, spanTags.droppedAttributesCount, span.droppedAttributesCount)
  for (const event of span.events) writeEvent(writer, event)
  writeUnlessZero(writer, spanTags.droppedEventsCount, span.droppedEventsCount)
  for (const link of span.links) writeLink(writer, link)
  writeUnlessZero(writer, spanTags.droppedLinksCount, span.droppedLinksCount)
  writeStatus(writer, span.status)
  writer.writeFixed32(spanTags.flags, spanFlags(span.traceFlags, span.parentIsRemote))
  writer.end(start)
}

/** The W3C flags, that it is known whether the context came from elsewhere (256), and whether it did (512). */
export function spanFlags(traceFlags: number, isRemote: boolean): number {
  return (traceFlags & 0xff) | 0x100 | (isRemote ? 0x200 : 0)
}

function writeEvent(writer: ProtobufWriter, event: SpanEventData): void {
  const start = writer.begin(spanTags.events)
  writer.writeTime(eventTags.timeUnixNano, event.time)
  writer.writeString(eventTags.name, event.name)
  if (event.attributes) writeAttributes(writer, eventTags.attributes, event.attributes)
  writeUnlessZero(writer, eventTags.droppedAttributesCount, event.droppedAttributesCount)
  writer.end(start)
}

function writeLink(writer: ProtobufWriter, link: SpanLinkData): void {
  const start = writer.begin(spanTags.links)
  writer.writeId(linkTags.traceId, link.traceId)
  writer.writeId(linkTags.spanId, link.spanId)
  if (link.traceState) writer.writeString(linkTags.traceState, link.traceState)
  if (link.attributes) writeAttributes(writer, linkTags.attributes, link.attributes)
  writeUnlessZero(writer, linkTags.droppedAttributesCount, link.droppedAttributesCount)
  writer.writeFixed32(linkTags.flags, spanFlags(link.traceFlags, link.isRemote))
  writer.end(start)
}

/** Present even when unset: so it reads the same as what the SDK sends. */
function writeStatus(writer: ProtobufWriter, { code, message }: SpanStatus): void {
  const start = writer.begin(spanTags.status)
  if (message) writer.writeString(statusTags.message, message)
  writeUnlessZero(writer, statusTags.code, code)
  writer.end(start)
}

function writeUnlessZero(writer: ProtobufWriter, tag: number, value: number | undefined): void {
  if (value) writer.writeVarint(tag, value)
}
