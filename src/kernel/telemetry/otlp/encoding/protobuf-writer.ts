import type { HrTime } from '@opentelemetry/api'

import { viewOf } from '../../view-of.ts'
import { writeHexId } from './hex-id.ts'
import { writeText } from './text.ts'
import { writeFixed64Time } from './unix-nanos.ts'

// A tag of a field below 2048 has two bytes at most, a varint of 64 bits ten.
const tagSize = 2
const varintSize = 10

const longLength = 1024

const mostKeptBytes = 1024 * 1024

const twoTo32 = 2 ** 32

/**
 * Writes protobuf fields into one buffer, which grows and is used again after `reset()`. A tag comes from fields.ts.
 * Zero and empty are written like any other value: leaving them out is the caller's, who knows what is optional.
 */
export class ProtobufWriter {
  readonly #capacity: number
  #buffer: Buffer
  #view: DataView
  #position = 0

  constructor(capacity = 4096) {
    this.#capacity = capacity
    this.#buffer = Buffer.allocUnsafeSlow(capacity)
    this.#view = viewOf(this.#buffer)
  }

  /** What was written since the last reset; a view, good until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#position)
  }

  get position(): number {
    return this.#position
  }

  /** Forgets all that was written, or what was written after `position`: half a message that failed. */
  reset(position = 0): void {
    this.#position = position
    // One huge record is no reason to keep its room for ever.
    if (position === 0 && this.#buffer.length > mostKeptBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(this.#capacity)
      this.#view = viewOf(this.#buffer)
    }
  }

  /** What it holds, used or not. */
  get heldBytes(): number {
    return this.#buffer.length
  }

  /** Any integer that fits 64 bits, signed or unsigned; a negative one takes ten bytes. */
  writeVarint(tag: number, value: number): void {
    this.#reserve(tagSize + varintSize)
    this.#tag(tag)
    this.#varint(value)
  }

  writeFixed32(tag: number, value: number): void {
    this.#reserve(tagSize + 4)
    this.#tag(tag)
    this.#position = this.#buffer.writeUInt32LE(value >>> 0, this.#position)
  }

  /** The nanoseconds since 1970, as fixed64. */
  writeTime(tag: number, [seconds, nanos]: HrTime): void {
    this.#reserve(tagSize + 8)
    this.#tag(tag)
    this.#position = writeFixed64Time(this.#view, this.#position, seconds, nanos)
  }

  writeDouble(tag: number, value: number): void {
    this.#reserve(tagSize + 8)
    this.#tag(tag)
    this.#position = this.#buffer.writeDoubleLE(value, this.#position)
  }

  /** As UTF-8; half a surrogate pair becomes U+FFFD. */
  writeString(tag: number, text: string): void {
    const { length } = text
    // Three bytes at most for each UTF-16 unit; for a long text that would be too much room to take on trust.
    const most = length < longLength ? length * 3 : Buffer.byteLength(text)
    this.#reserve(tagSize + varintSize + most)
    this.#tag(tag)
    const lengthAt = this.#position
    // Most text is ASCII: room is kept for a length that is right then.
    this.#position += lengthSize(length)
    const start = this.#position
    this.#position = writeText(this.#buffer, start, text)
    this.#putLength(lengthAt, start)
  }

  writeBytes(tag: number, bytes: Uint8Array): void {
    this.#reserve(tagSize + varintSize + bytes.length)
    this.#tag(tag)
    this.#varint(bytes.length)
    this.#buffer.set(bytes, this.#position)
    this.#position += bytes.length
  }

  /** An id in hex as a field of bytes. */
  writeId(tag: number, id: string): void {
    this.#reserve(tagSize + varintSize + id.length)
    this.#tag(tag)
    this.#varint(id.length >>> 1)
    this.#position = writeHexId(this.#buffer, this.#position, id)
  }

  /** Fields that are encoded already, with their tags. */
  writeEncoded(fields: Uint8Array): void {
    this.#reserve(fields.length)
    this.#buffer.set(fields, this.#position)
    this.#position += fields.length
  }

  /** What is written until `end` is the content of this field. Messages may be nested, not interleaved. */
  begin(tag: number): number {
    this.#reserve(tagSize + 1)
    this.#tag(tag)
    this.#position += 1
    return this.#position
  }

  /** `start` is what `begin` returned. One byte was kept for the length; a longer one moves the content. */
  end(start: number): void {
    this.#putLength(start - 1, start)
  }

  /** The length of what was written from `start` on, in the room kept for it, widened if it must be. */
  #putLength(lengthAt: number, start: number): void {
    const length = this.#position - start
    if (length < 0x80 && start - lengthAt === 1) {
      this.#buffer[lengthAt] = length
      return
    }
    const size = lengthSize(length)
    this.#reserve(size)
    const content = lengthAt + size
    if (content !== start) this.#buffer.copyWithin(content, start, this.#position)
    this.#position = lengthAt
    this.#varint(length)
    this.#position += length
  }

  #tag(tag: number): void {
    if (tag >= 0x80) {
      this.#buffer[this.#position++] = tag | 0x80
      this.#buffer[this.#position++] = tag >>> 7
    } else {
      this.#buffer[this.#position++] = tag
    }
  }

  #varint(value: number): void {
    // Both halves of two's complement: >>> is modulo 2^32 whatever the sign, and floor() takes -1 to all ones.
    let low = value >>> 0
    let high = low === value ? 0 : Math.floor(value / twoTo32) >>> 0
    while (high > 0) {
      this.#buffer[this.#position++] = low | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    while (low > 0x7f) {
      this.#buffer[this.#position++] = low | 0x80
      low >>>= 7
    }
    this.#buffer[this.#position++] = low
  }

  #reserve(size: number): void {
    const needed = this.#position + size
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#position)
    this.#buffer = larger
    this.#view = viewOf(larger)
  }
}

/** How many bytes the varint of a length takes. */
function lengthSize(length: number): number {
  if (length < 0x80) return 1
  if (length < 0x4000) return 2
  if (length < 0x20_0000) return 3
  return length < 0x1000_0000 ? 4 : 5
}
