import { exportRequestTags, resourceSpansTags } from '../encoding/fields.ts'
import { writePaddedVarint } from '../encoding/padded-varint.ts'
import { headRoomBytes } from './transport.ts'

const lengthBytes = 4
const tagBytes = 1

// For log records they are the same.
const resourceTag = exportRequestTags.resourceSpans
const scopeTag = resourceSpansTags.scopeSpans

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
    writeLength(buffer, this.#resourceLengthAt, end)
    writeLength(buffer, this.#scopeLengthAt, end)
  }
}

/** Of what lies between a length's own place and `end`. */
function writeLength(buffer: Buffer, at: number, end: number): void {
  writePaddedVarint(buffer, at, end - at - lengthBytes, lengthBytes)
}
