import { writeAttributes } from './any-value.ts'
import { anyValueTags, keyValueTags } from './fields.ts'
import { writePaddedVarint } from './padded-varint.ts'
import type { LengthWidth } from './padded-varint.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import { writeText } from './text.ts'

/** A run of attributes as it goes on the wire, one KeyValue each under the repeated field `tag`. */
export function encodeAttributes(
  tag: number,
  attributes: Readonly<Record<string, unknown>>,
): Buffer {
  const writer = new ProtobufWriter(256)
  writeAttributes(writer, tag, attributes)
  return Buffer.from(writer.bytes)
}

/**
 * What is known of an attribute before its value is: the field's tag, then key and the value's tag. Between the two
 * belongs the length of the whole, so the first byte is copied apart. `tag` is that of a field below 16.
 */
export function encodeAttributeKey(tag: number, key: string): Buffer {
  const writer = new ProtobufWriter(256)
  writer.writeString(keyValueTags.key, key)
  return Buffer.from([tag, ...writer.bytes, keyValueTags.value])
}

/** How much `writeStringAttribute` may write: three bytes for each UTF-16 unit, and the lengths. */
export function stringAttributeRoom(keyPrefix: Buffer, value: string): number {
  return keyPrefix.length + 13 + value.length * 3
}

/**
 * The room must be there, what lies beyond the buffer's end is lost; `stringAttributeRoom` says how much.
 *
 * The length of the text is known only when it is written, and with it the lengths of the two messages round it. All
 * three get the width that is enough if the text is ASCII, and are filled in afterwards: nothing is measured first, and
 * only a text that turns out longer is written again.
 */
export function writeStringAttribute(
  buffer: Buffer,
  offset: number,
  keyPrefix: Buffer,
  value: string,
): number {
  const assumed = lengthWidth(keyPrefix.length + 4 + value.length)
  const end = writeWithLengths(buffer, offset, keyPrefix, value, assumed)
  const needed = lengthWidth(end - offset)
  if (needed <= assumed) return end
  return writeWithLengths(buffer, offset, keyPrefix, value, lengthWidth(end - offset + 9))
}

function writeWithLengths(
  buffer: Buffer,
  offset: number,
  keyPrefix: Buffer,
  value: string,
  width: LengthWidth,
): number {
  // The copy's own tag falls where the length belongs, which is written over it.
  buffer.set(keyPrefix, offset + width)
  buffer[offset] = keyPrefix[0] as number
  const keyAt = offset + 1 + width
  const valueAt = keyAt + keyPrefix.length - 1 + width
  buffer[valueAt] = anyValueTags.stringValue
  const textAt = valueAt + 1 + width
  const end = writeText(buffer, textAt, value)
  writePaddedVarint(buffer, valueAt + 1, end - textAt, width)
  writePaddedVarint(buffer, valueAt - width, end - valueAt, width)
  writePaddedVarint(buffer, offset + 1, end - keyAt, width)
  return end
}

function lengthWidth(length: number): LengthWidth {
  if (length < 0x80) return 1
  if (length < 0x4000) return 2
  return length < 0x20_0000 ? 3 : 4
}
