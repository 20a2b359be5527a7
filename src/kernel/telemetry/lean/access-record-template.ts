import { SeverityNumber } from '@opentelemetry/api'

import { writeAttributes } from '../otlp/encoding/any-value.ts'
import {
  anyValueTags,
  keyValueTags,
  logRecordTags,
  scopeLogsTags,
} from '../otlp/encoding/fields.ts'
import { writeHexId } from '../otlp/encoding/hex-id.ts'
import { writePaddedVarint } from '../otlp/encoding/padded-varint.ts'
import { ProtobufWriter } from '../otlp/encoding/protobuf-writer.ts'
import {
  encodeAttributeKey,
  stringAttributeRoom,
  writeStringAttribute,
} from '../otlp/encoding/template.ts'
import { writeFixed64Nanos } from '../otlp/encoding/unix-nanos.ts'
import { writeBytes, writePlain } from './bytes.ts'
import type { EndedRequest } from './ended-request.ts'

export interface AccessKind {
  method: string
  /** Redacted. */
  route: string | undefined
  status: number
}

// Where the holes of a template are: its fields of fixed length stand first. Tag and length take five bytes.
const lengthWidth = 4
const contentAt = 1 + lengthWidth
const timeAt = contentAt + 1
const observedTimeAt = timeAt + 8 + 1
const flagsAt = observedTimeAt + 8 + 1
const traceIdAt = flagsAt + 4 + 2
const spanIdAt = traceIdAt + 16 + 2
const durationField = durationFieldBytes()
const durationAt = spanIdAt + 8 + durationField.length - 8

const pathKey = encodeAttributeKey(logRecordTags.attributes, 'url.path')
// The body is a message in a field: two tags, two lengths.
const bodyOverhead = 2 * (1 + lengthWidth)

/** The access records of one kind of request, encoded but for what differs: copied and filled in for each. */
export class AccessRecordTemplate {
  readonly #bytes: Buffer
  readonly #bodyStart: Buffer
  readonly #bodyEnd: Buffer

  constructor(kind: AccessKind) {
    this.#bytes = templateBytes(kind)
    this.#bodyStart = Buffer.from(`${kind.method} `)
    this.#bodyEnd = Buffer.from(` ${kind.status}`)
  }

  /** How many bytes `write` may write. */
  room({ facts: { path }, connection }: EndedRequest): number {
    return (
      this.#bytes.length +
      bodyOverhead +
      this.#bodyStart.length +
      path.length +
      this.#bodyEnd.length +
      stringAttributeRoom(pathKey, path) +
      connection.recordAttributes.length
    )
  }

  /** Returns the offset behind the record; the room must be there. */
  write(buffer: Buffer, offset: number, request: EndedRequest): number {
    const { ids, facts } = request
    const { path } = facts
    let at = writeBytes(buffer, offset, this.#bytes)
    writeFixed64Nanos(buffer, offset + timeAt, request.timeMillis)
    writeFixed64Nanos(buffer, offset + observedTimeAt, request.timeMillis)
    buffer[offset + flagsAt] = request.traceFlags
    writeHexId(buffer, offset + traceIdAt, ids.traceId)
    writeHexId(buffer, offset + spanIdAt, ids.spanId)
    // No whole number, which would have another type on the wire.
    buffer.writeDoubleLE(request.durationMicros / 1000, offset + durationAt)

    at = this.#writeBody(buffer, at, path)
    at = writeStringAttribute(buffer, at, pathKey, path)
    at = writeBytes(buffer, at, request.connection.recordAttributes)
    writePaddedVarint(buffer, offset + 1, at - offset - contentAt, lengthWidth)
    return at
  }

  #writeBody(buffer: Buffer, offset: number, path: string): number {
    const textAt = offset + bodyOverhead
    let end = writeBytes(buffer, textAt, this.#bodyStart)
    end = writePlain(buffer, end, path)
    end = writeBytes(buffer, end, this.#bodyEnd)
    buffer[offset] = logRecordTags.body
    writePaddedVarint(buffer, offset + 1, end - offset - 1 - lengthWidth, lengthWidth)
    buffer[offset + 1 + lengthWidth] = anyValueTags.stringValue
    writePaddedVarint(buffer, textAt - lengthWidth, end - textAt, lengthWidth)
    return end
  }
}

function templateBytes({ method, route, status }: AccessKind): Buffer {
  const fixed = Buffer.alloc(durationAt + 8)
  fixed[0] = scopeLogsTags.logRecords
  fixed[timeAt - 1] = logRecordTags.timeUnixNano
  fixed[observedTimeAt - 1] = logRecordTags.observedTimeUnixNano
  fixed[flagsAt - 1] = logRecordTags.flags
  fixed.set([logRecordTags.traceId, 16], traceIdAt - 2)
  fixed.set([logRecordTags.spanId, 8], spanIdAt - 2)
  fixed.set(durationField, spanIdAt + 8)

  const writer = new ProtobufWriter()
  writer.writeVarint(logRecordTags.severityNumber, SeverityNumber.INFO)
  writer.writeString(logRecordTags.severityText, 'info')
  writeAttributes(writer, logRecordTags.attributes, {
    'http.request.method': method,
    ...(route !== undefined && { 'http.route': route }),
    'http.response.status_code': status,
  })
  return Buffer.concat([fixed, writer.bytes])
}

/** The attribute with its eight bytes of value at the end. */
function durationFieldBytes(): Buffer {
  const writer = new ProtobufWriter(64)
  const attribute = writer.begin(logRecordTags.attributes)
  writer.writeString(keyValueTags.key, 'duration_ms')
  const value = writer.begin(keyValueTags.value)
  writer.writeDouble(anyValueTags.doubleValue, 0)
  writer.end(value)
  writer.end(attribute)
  return Buffer.from(writer.bytes)
}
