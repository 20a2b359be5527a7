import { anyValueTags } from '../otlp/encoding/fields.ts'
import { paddedVarint16 } from '../otlp/encoding/padded-varint.ts'
import { encodeAttributeKey } from '../otlp/encoding/template.ts'

const lengthBytes = 2

/** What a text may have at most: with what stands round it, two bytes can say its length. */
export const mostTextBytes = 16_000

/** An attribute up to its text: its own length, the value's and the text's are filled in when the text is known. */
export class TextAttributeStart {
  readonly bytes: Buffer

  /** `tag` is that of a field below 16. */
  constructor(tag: number, key: string) {
    const [fieldTag = 0, ...rest] = encodeAttributeKey(tag, key)
    const length = new Uint8Array(lengthBytes)
    this.bytes = Buffer.from([
      fieldTag,
      ...length,
      ...rest,
      ...length,
      anyValueTags.stringValue,
      ...length,
    ])
  }

  /** `offset` is where the attribute begins. */
  setLengths(target: DataView, offset: number, textBytes: number): void {
    const end = offset + this.bytes.length
    const valueBytes = 1 + lengthBytes + textBytes
    target.setUint16(
      offset + 1,
      paddedVarint16(this.bytes.length - 1 - lengthBytes + textBytes),
      true,
    )
    target.setUint16(end - lengthBytes - 1 - lengthBytes, paddedVarint16(valueBytes), true)
    target.setUint16(end - lengthBytes, paddedVarint16(textBytes), true)
  }
}
