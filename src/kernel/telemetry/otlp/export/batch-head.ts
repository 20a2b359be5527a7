import { headRoomBytes } from './transport.ts'

const lengthBytes = 4
const tagBytes = 1

// Field 1 of the request and field 2 of what it holds, both with a length.
const resourceTag = 0x0a
const scopeTag = 0x12

/**
 * What every batch begins with: room for the transport, one ResourceSpans or ResourceLogs, in it one ScopeSpans or
 * ScopeLogs. The records follow; the two lengths are known when the last one is in.
 */
export class BatchHead {
  readonly #bytes: Buffer
  readonly #resourceLengthAt = headRoomBytes + tagBytes
  readonly #scopeLengthAt: number

  /**
   * @param resourceBytes encoded fields of ResourceSpans or ResourceLogs, tags included
   * @param scopeBytes encoded fields of ScopeSpans or ScopeLogs, tags included
   */
  constructor(resourceBytes: Uint8Array, scopeBytes: Uint8Array) {
    const length = Buffer.alloc(lengthBytes)
    this.#bytes = Buffer.concat([
      Buffer.alloc(headRoomBytes),
      Buffer.from([resourceTag]),
      length,
      resourceBytes,
      Buffer.from([scopeTag]),
      length,
      scopeBytes,
    ])
    this.#scopeLengthAt = this.#resourceLengthAt + lengthBytes + resourceBytes.length + tagBytes
  }

  get length(): number {
    return this.#bytes.length
  }

  writeTo(buffer: Buffer): void {
    buffer.set(this.#bytes)
  }

  /** `end` is where the last record ends. */
  writeLengths(buffer: Buffer, end: number): void {
    writePaddedVarint(buffer, this.#resourceLengthAt, end - this.#resourceLengthAt - lengthBytes)
    writePaddedVarint(buffer, this.#scopeLengthAt, end - this.#scopeLengthAt - lengthBytes)
  }
}

/**
 * Four bytes whatever the value is, so that nothing has to move once it is known. A varint's last groups may be zero:
 * every decoder reads on while the high bit is set.
 */
function writePaddedVarint(buffer: Buffer, at: number, value: number): void {
  buffer[at] = (value & 0x7f) | 0x80
  buffer[at + 1] = ((value >>> 7) & 0x7f) | 0x80
  buffer[at + 2] = ((value >>> 14) & 0x7f) | 0x80
  buffer[at + 3] = (value >>> 21) & 0x7f
}
