import { copyBytes } from './bytes.ts'

export const traceIdBytes = 16
export const spanIdBytes = 8
/** A trace's id and a span's, one behind the other. */
export const idsBytes = traceIdBytes + spanIdBytes

/** Ids of several spans in a row: made together, since each call that makes bytes or text costs as much as ten ids. */
export class IdBlock {
  readonly bytes: Uint8Array
  readonly hex: string
  readonly hexBytes: Uint8Array

  /** `hex` is what the bytes are as text. */
  constructor(bytes: Buffer, hex = bytes.toString('hex')) {
    // None of Node's shared slabs: a request that stays for hours would hold all of one.
    const own = Buffer.allocUnsafeSlow(bytes.length + hex.length)
    this.bytes = own.subarray(0, bytes.length)
    this.hex = hex
    this.hexBytes = own.subarray(bytes.length)
    bytes.copy(own)
    own.write(hex, bytes.length, 'latin1')
  }
}

/** The ids of one span: as text for whoever asks, and ready for whoever writes them. */
export class SpanIds {
  readonly traceId: string
  readonly #block: IdBlock
  readonly #start: number

  /** Those that begin at this byte of the block. */
  constructor(block: IdBlock, start: number) {
    this.traceId = block.hex.slice(2 * start, 2 * (start + traceIdBytes))
    this.#block = block
    this.#start = start
  }

  get spanId(): string {
    const start = this.#start + traceIdBytes
    return this.#block.hex.slice(2 * start, 2 * (start + spanIdBytes))
  }

  // Each returns the offset behind what it wrote.

  writeTraceId(buffer: Buffer, offset: number): number {
    return copyBytes(buffer, offset, this.#block.bytes, this.#start, traceIdBytes)
  }

  writeSpanId(buffer: Buffer, offset: number): number {
    return copyBytes(buffer, offset, this.#block.bytes, this.#start + traceIdBytes, spanIdBytes)
  }

  writeTraceIdAsHex(buffer: Buffer, offset: number): number {
    const { hexBytes } = this.#block
    return copyBytes(buffer, offset, hexBytes, 2 * this.#start, 2 * traceIdBytes)
  }

  writeSpanIdAsHex(buffer: Buffer, offset: number): number {
    const { hexBytes } = this.#block
    return copyBytes(buffer, offset, hexBytes, 2 * (this.#start + traceIdBytes), 2 * spanIdBytes)
  }
}
