import { anyValueTags, keyValueTags, listTags } from './fields.ts'
import type { ProtobufWriter } from './protobuf-writer.ts'

/** As one KeyValue each, under the repeated field `tag`. */
export function writeAttributes(
  writer: ProtobufWriter,
  tag: number,
  attributes: Readonly<Record<string, unknown>>,
): void {
  for (const key in attributes) {
    if (Object.hasOwn(attributes, key)) writeKeyValue(writer, tag, key, attributes[key])
  }
}

export function writeKeyValue(
  writer: ProtobufWriter,
  tag: number,
  key: string,
  value: unknown,
): void {
  const start = writer.begin(tag)
  writer.writeString(keyValueTags.key, key)
  writeAnyValue(writer, keyValueTags.value, value)
  writer.end(start)
}

/**
 * The message is written even when nothing is in it: so null, undefined and what has no counterpart (a bigint, a
 * function) arrive as the empty value. A circle overflows the stack, as it does in the SDK's own serializer.
 */
export function writeAnyValue(writer: ProtobufWriter, tag: number, value: unknown): void {
  const start = writer.begin(tag)
  switch (typeof value) {
    case 'string':
      writer.writeString(anyValueTags.stringValue, value)
      break
    case 'boolean':
      writer.writeVarint(anyValueTags.boolValue, value ? 1 : 0)
      break
    case 'number':
      writeNumber(writer, value)
      break
    case 'object':
      if (value !== null) writeObject(writer, value)
      break
    default:
  }
  writer.end(start)
}

/** Whole numbers are ints, -0 too, as far as an int64 reaches. */
function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
    writer.writeVarint(anyValueTags.intValue, value)
  } else {
    writer.writeDouble(anyValueTags.doubleValue, value)
  }
}

function writeObject(writer: ProtobufWriter, value: object): void {
  if (value instanceof Uint8Array) {
    writer.writeBytes(anyValueTags.bytesValue, value)
  } else if (Array.isArray(value)) {
    const start = writer.begin(anyValueTags.arrayValue)
    for (const item of value) writeAnyValue(writer, listTags.values, item)
    writer.end(start)
  } else {
    const start = writer.begin(anyValueTags.kvlistValue)
    writeAttributes(writer, listTags.values, value as Record<string, unknown>)
    writer.end(start)
  }
}
