import { SeverityNumber } from '@opentelemetry/api'

import { writeAttributes } from '../otlp/encoding/any-value.ts'
import {
  anyValueTags,
  keyValueTags,
  logRecordTags,
  scopeLogsTags,
} from '../otlp/encoding/fields.ts'
import { paddedVarint16, paddedVarint32 } from '../otlp/encoding/padded-varint.ts'
import { ProtobufWriter } from '../otlp/encoding/protobuf-writer.ts'
import { writeFixed64Nanos } from '../otlp/encoding/unix-nanos.ts'
import type { RecordSink } from '../otlp/record-sink.ts'
import type { EndedRequest } from './ended-request.ts'
import { lengthOf, Part, partSlack, writeParts } from './part.ts'
import { TextAttributeStart } from './text-attribute-start.ts'
import { mostBytesOf } from './text-part.ts'
import type { TextPart } from './text-part.ts'

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

const pathStart = new TextAttributeStart(logRecordTags.attributes, 'url.path')
const connectionIndex = 4
// The body is a message in a field: two tags, two lengths.
const bodyLengthBytes = 2
const bodyStart = [logRecordTags.body, 0, 0, anyValueTags.stringValue, 0, 0]

/** The access records of one kind of request, encoded but for what differs: filled in and copied for each. */
export class AccessRecordTemplate {
  readonly #start: Part
  readonly #bodyAt: number
  /** What the body has besides the path. */
  readonly #bodyBytes: number
  readonly #afterPath: Part
  readonly #pathStartAt: number
  readonly #path: TextPart
  /** In their order: the start, the path, the end of the body, the path again, what the connection has in common. */
  readonly #parts: Part[]

  constructor(kind: AccessKind, path: TextPart) {
    const bytes = templateBytes(kind)
    const beforePath = Buffer.from(`${kind.method} `)
    const afterPath = Buffer.from(` ${kind.status}`)
    this.#start = new Part(Buffer.concat([bytes, Buffer.from(bodyStart), beforePath]))
    this.#bodyAt = bytes.length
    this.#bodyBytes = beforePath.length + afterPath.length
    this.#afterPath = new Part(Buffer.concat([afterPath, pathStart.bytes]))
    this.#pathStartAt = afterPath.length
    this.#path = path
    this.#parts = [this.#start, path, this.#afterPath, path]
  }

  /** Nothing is written where there is no room, which the sink counts. */
  writeTo(sink: RecordSink, request: EndedRequest): void {
    const { facts, connection } = request
    const room =
      this.#start.length +
      this.#afterPath.length +
      2 * mostBytesOf(facts.path) +
      connection.recordAttributes.length
    const buffer = sink.reserve(room + partSlack)
    if (buffer === undefined) return
    this.#fillIn(request)
    sink.commit(writeParts(buffer, sink.view, sink.position, this.#parts))
  }

  /** Not before the room is there: what makes room may log, and with that write what waits. */
  #fillIn(request: EndedRequest): void {
    const { ids, timeMillis, traceFlags, durationMicros } = request
    const { view } = this.#start
    this.#path.set(request.facts.path)
    this.#parts[connectionIndex] = request.connection.recordAttributes
    view.setInt32(1, paddedVarint32(lengthOf(this.#parts) - contentAt), true)
    writeFixed64Nanos(view, timeAt, timeMillis)
    writeFixed64Nanos(view, observedTimeAt, timeMillis)
    view.setInt32(flagsAt, traceFlags, true)
    ids.writeBytes(view, traceIdAt, spanIdAt)
    // No whole number, which would have another type on the wire.
    view.setFloat64(durationAt, durationMicros / 1000, true)

    const textBytes = this.#bodyBytes + this.#path.length
    const valueBytes = 1 + bodyLengthBytes + textBytes
    view.setUint16(this.#bodyAt + 1, paddedVarint16(valueBytes), true)
    view.setUint16(this.#bodyAt + 1 + bodyLengthBytes + 1, paddedVarint16(textBytes), true)
    pathStart.setLengths(this.#afterPath.view, this.#pathStartAt, this.#path.length)
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
