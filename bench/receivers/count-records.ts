/**
 * How many spans or log records an ExportTraceServiceRequest or ExportLogsServiceRequest holds, without decoding them.
 * Both are shaped alike: resource (field 1) -> scope (field 2) -> record (field 2).
 * https://github.com/open-telemetry/opentelemetry-proto
 */
export function countRecords(message: Uint8Array): number {
  return countAt(message, 0, message.length, 0)
}

const path = [1, 2, 2] as const
const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const

function countAt(bytes: Uint8Array, start: number, end: number, depth: number): number {
  const reader: Reader = { bytes, position: start }
  let count = 0
  while (reader.position < end) {
    const tag = readVarint(reader)
    const wireType = tag & 7
    if (wireType === wireTypes.lengthDelimited) {
      const length = readVarint(reader)
      const from = reader.position
      reader.position = from + length
      if (reader.position > end) throw new Error('a field ends beyond its message')
      if (tag >>> 3 === path[depth]) {
        count += depth === path.length - 1 ? 1 : countAt(bytes, from, reader.position, depth + 1)
      }
    } else if (wireType === wireTypes.varint) readVarint(reader)
    else if (wireType === wireTypes.fixed64) reader.position += 8
    else if (wireType === wireTypes.fixed32) reader.position += 4
    else throw new Error(`wire type ${wireType} is none of protobuf's`)
  }
  return count
}

interface Reader {
  bytes: Uint8Array
  position: number
}

/** Of tags and lengths, which have 32 bits at most. */
function readVarint(reader: Reader): number {
  let value = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = reader.bytes[reader.position]
    if (byte === undefined) throw new Error('the message ends within a number')
    reader.position += 1
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  throw new Error('a number has more than ten bytes')
}
