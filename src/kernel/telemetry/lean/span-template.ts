import { SpanKind } from '@opentelemetry/api'

import { writeAttributes } from '../otlp/encoding/any-value.ts'
import { scopeSpansTags, spanTags } from '../otlp/encoding/fields.ts'
import { writeHexId } from '../otlp/encoding/hex-id.ts'
import { paddedVarint32 } from '../otlp/encoding/padded-varint.ts'
import { ProtobufWriter } from '../otlp/encoding/protobuf-writer.ts'
import { spanFlags } from '../otlp/encoding/span.ts'
import {
  encodeAttributeKey,
  encodeAttributes,
  stringAttributeRoom,
  writeStringAttribute,
} from '../otlp/encoding/template.ts'
import { writeFixed64Nanos } from '../otlp/encoding/unix-nanos.ts'
import type { RecordSink } from '../otlp/record-sink.ts'
import { redactQuery } from '../redaction.ts'
import type { EndedRequest } from './ended-request.ts'
import { lengthOf, Part, partSlack, writeParts } from './part.ts'
import { TextAttributeStart } from './text-attribute-start.ts'
import { mostBytesOf } from './text-part.ts'
import type { TextPart } from './text-part.ts'

export interface SpanKindOfRequest {
  name: string
  method: string
  scheme: string
  route: string | undefined
  status: number
}

// Where the holes of a template are: its fields of fixed length stand first. Tag and length take five bytes.
const lengthWidth = 4
const contentAt = 1 + lengthWidth
const traceIdAt = contentAt + 2
const spanIdAt = traceIdAt + 16 + 2
const startTimeAt = spanIdAt + 8 + 1
const endTimeAt = startTimeAt + 8 + 1
const flagsAt = endTimeAt + 8 + 2
const fixedFieldsEnd = flagsAt + 4

const spanIdBytes = 8
const parentField = [spanTags.parentSpanId, spanIdBytes]
const pathStart = new TextAttributeStart(spanTags.attributes, 'url.path')
const queryKey = encodeAttributeKey(spanTags.attributes, 'url.query')
const exemplarMark = [
  new Part(encodeAttributes(spanTags.attributes, { 'plainsight.exemplar': true })),
]
const connectionIndex = 2
const mostOptionalBytes = parentField.length + spanIdBytes + lengthOf(exemplarMark) + partSlack

/** The spans of one kind of request, encoded but for what differs: filled in and copied for each. */
export class SpanTemplate {
  readonly #start: Part
  readonly #pathStartAt: number
  readonly #path: TextPart
  /** In their order: the start, the path, what the connection has in common. */
  readonly #parts: Part[]

  constructor(kind: SpanKindOfRequest, path: TextPart) {
    const bytes = templateBytes(kind)
    this.#start = new Part(Buffer.concat([bytes, pathStart.bytes]))
    this.#pathStartAt = bytes.length
    this.#path = path
    this.#parts = [this.#start, path]
  }

  /** Nothing is written where there is no sink, or no room in it, which it counts. */
  writeTo(sink: RecordSink | undefined, request: EndedRequest): void {
    if (sink === undefined) return
    const { path, query } = request.facts
    const safeQuery = query === '' ? '' : redactQuery(query)
    const run = request.connection.spanAttributes
    const plainRoom = this.#start.length + mostBytesOf(path) + run.length
    const buffer = sink.reserve(plainRoom + mostOptionalBytes + queryRoom(safeQuery))
    if (buffer === undefined) return

    this.#fillIn(request)
    let at = writeParts(buffer, sink.view, sink.position, this.#parts)
    if (request.parent !== undefined) at = writeParent(buffer, at, request.parent.spanId)
    if (request.hasExemplar) at = writeParts(buffer, sink.view, at, exemplarMark)
    if (safeQuery !== '') at = writeStringAttribute(buffer, at, queryKey, safeQuery)
    const length = at - sink.position - contentAt
    sink.view.setInt32(sink.position + 1, paddedVarint32(length), true)
    sink.commit(at)
  }

  /** Not before the room is there: what makes room may log, and with that write what waits. */
  #fillIn(request: EndedRequest): void {
    const { ids, parent, startMillis, endMillis, traceFlags } = request
    const { view } = this.#start
    this.#path.set(request.facts.path)
    this.#parts[connectionIndex] = request.connection.spanAttributes
    ids.writeBytes(view, traceIdAt, spanIdAt)
    writeFixed64Nanos(view, startTimeAt, startMillis)
    writeFixed64Nanos(view, endTimeAt, endMillis)
    view.setInt32(flagsAt, spanFlags(traceFlags, parent?.isRemote ?? false), true)
    pathStart.setLengths(view, this.#pathStartAt, this.#path.length)
  }
}

function queryRoom(query: string): number {
  return query === '' ? 0 : stringAttributeRoom(queryKey, query)
}

function writeParent(buffer: Buffer, offset: number, spanId: string): number {
  buffer.set(parentField, offset)
  return writeHexId(buffer, offset + parentField.length, spanId)
}

function templateBytes({ name, method, scheme, route, status }: SpanKindOfRequest): Buffer {
  const fixed = Buffer.alloc(fixedFieldsEnd)
  fixed[0] = scopeSpansTags.spans
  fixed.set([spanTags.traceId, 16], traceIdAt - 2)
  fixed.set([spanTags.spanId, 8], spanIdAt - 2)
  fixed[startTimeAt - 1] = spanTags.startTimeUnixNano
  fixed[endTimeAt - 1] = spanTags.endTimeUnixNano
  // The one tag of two bytes.
  fixed.set([spanTags.flags | 0x80, spanTags.flags >>> 7], flagsAt - 2)

  const writer = new ProtobufWriter()
  writer.writeString(spanTags.name, name)
  writer.writeVarint(spanTags.kind, SpanKind.SERVER + 1)
  writeAttributes(writer, spanTags.attributes, {
    'http.request.method': method,
    'url.scheme': scheme,
    ...(route !== undefined && { 'http.route': route }),
    'http.response.status_code': status,
  })
  writer.end(writer.begin(spanTags.status))
  return Buffer.concat([fixed, writer.bytes])
}
