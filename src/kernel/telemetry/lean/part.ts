import { viewOf } from '../view-of.ts'

// Copied in words of so many bytes, for which there is no call: that is quicker up to a few of them.
const wordBytes = 8
const mostWordsBytes = 56

/** What a word may write behind a part: room for so many bytes more is to be there. */
export const partSlack = wordBytes - 1

/**
 * Bytes that are copied again and again: what a record is put together from. Its memory is a multiple of a word, so that
 * the last one can be read whole; only `length` bytes of it count.
 */
export class Part {
  bytes: Buffer
  view: DataView
  length: number
  /** All of it, where it is long and its length remains. */
  readonly whole: Buffer | undefined

  constructor(content: Uint8Array | string) {
    const bytes = Buffer.from(content)
    this.length = bytes.length
    this.bytes = memoryFor(bytes.length)
    this.view = viewOf(this.bytes)
    this.bytes.set(bytes)
    this.whole = bytes.length > mostWordsBytes ? this.bytes.subarray(0, bytes.length) : undefined
  }

  /** Room for so many bytes; what it held may be gone. */
  protected makeRoom(bytes: number): void {
    if (bytes <= this.bytes.length) return
    this.bytes = memoryFor(bytes)
    this.view = viewOf(this.bytes)
  }
}

/**
 * Copies parts one behind the other. `view` is of the buffer. Returns the offset behind them; up to `partSlack` bytes
 * there are overwritten.
 */
export function writeParts(
  buffer: Buffer,
  view: DataView,
  offset: number,
  parts: readonly Part[],
): number {
  let at = offset
  for (const part of parts) {
    if (part.whole === undefined) copyWords(view, at, part)
    else buffer.set(part.whole, at)
    at += part.length
  }
  return at
}

export function lengthOf(parts: readonly Part[]): number {
  let sum = 0
  for (const { length } of parts) sum += length
  return sum
}

function copyWords(target: DataView, offset: number, { view, length }: Part): void {
  for (let index = 0; index < length; index += wordBytes) {
    target.setBigInt64(offset + index, view.getBigInt64(index, true), true)
  }
}

function memoryFor(bytes: number): Buffer {
  return Buffer.allocUnsafe(Math.ceil(bytes / wordBytes) * wordBytes)
}
