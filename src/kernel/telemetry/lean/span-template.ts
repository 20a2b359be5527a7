import { SpanKind } from '@opentelemetry/api'

import { writeAttributes } from '../otlp/encoding/any-value.ts'
import { scopeSpansTags, spanTags } from '../otlp/encoding/fields.ts'
import { writeHexId } from '../otlp/encoding/hex-id.ts'
import { writePaddedVarint } from '../otlp/encoding/padded-varint.ts'
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
import { writeBytes } from './bytes.ts'
import type { ConnectionRun } from './connection-runs.ts'
import type { EndedRequest } from './ended-request.ts'

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

const parentSpanIdField = Buffer.from([spanTags.parentSpanId, 8])
const pathKey = encodeAttributeKey(spanTags.attributes, 'url.path')
const queryKey = encodeAttributeKey(spanTags.attributes, 'url.query')
const exemplarAttribute = encodeAttributes(spanTags.attributes, { 'plainsight.exemplar': true })

/** The spans of one kind of request, encoded but for what differs: copied and filled in for each. */
export class SpanTemplate {
  readonly #bytes: Buffer

  constructor(kind: SpanKindOfRequest) {
    this.#bytes = templateBytes(kind)
  }

  /** Nothing is written where there is no sink, or no room in it, which it counts. */
  writeTo(sink: RecordSink | undefined, request: EndedRequest): void {
    if (sink === undefined) return
    const { path, query } = request.facts
    const safeQuery = query === '' ? '' : redactQuery(query)
    const buffer = sink.reserve(this.#room(path, safeQuery, request.connection))
    if (buffer) sink.commit(this.#write(buffer, sink.position, request, safeQuery))
  }

  /** How many bytes `#write` may write. */
  #room(path: string, query: string, run: ConnectionRun): number {
    return (
      this.#bytes.length +
      parentSpanIdField.length +
      8 +
      stringAttributeRoom(pathKey, path) +
      stringAttributeRoom(queryKey, query) +
      run.spanAttributes.length +
      exemplarAttribute.length
    )
  }

  /** Returns the offset behind the span; the room must be there. */
  #write(buffer: Buffer, offset: number, request: EndedRequest, query: string): number {
    const { ids, parent } = request
    let at = writeBytes(buffer, offset, this.#bytes)
    writeHexId(buffer, offset + traceIdAt, ids.traceId)
    writeHexId(buffer, offset + spanIdAt, ids.spanId)
    writeFixed64Nanos(buffer, offset + startTimeAt, request.startMillis)
    writeFixed64Nanos(buffer, offset + endTimeAt, request.endMillis)
    const flags = spanFlags(request.traceFlags, parent?.isRemote ?? false)
    buffer[offset + flagsAt] = flags
    buffer[offset + flagsAt + 1] = flags >>> 8

    if (parent !== undefined) {
      at = writeBytes(buffer, at, parentSpanIdField)
      at = writeHexId(buffer, at, parent.spanId)
    }
    at = writeStringAttribute(buffer, at, pathKey, request.facts.path)
    if (query !== '') at = writeStringAttribute(buffer, at, queryKey, query)
    at = writeBytes(buffer, at, request.connection.spanAttributes)
    if (request.hasExemplar) at = writeBytes(buffer, at, exemplarAttribute)
    writePaddedVarint(buffer, offset + 1, at - offset - contentAt, lengthWidth)
    return at
  }
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
