/** One byte holds less than 128, two less than 16 384, three less than 2 097 152, four less than 268 435 456. */
export type LengthWidth = 1 | 2 | 3 | 4

/**
 * A varint of a fixed width, so that room can be kept for a length that is not known yet. Bytes that say "more follows"
 * and carry no bits are legal: a varint's value is the same however many of them it has, up to ten bytes.
 */
export function writePaddedVarint(
  buffer: Buffer,
  offset: number,
  value: number,
  width: LengthWidth,
): number {
  const last = offset + width - 1
  let rest = value
  for (let at = offset; at < last; at += 1) {
    buffer[at] = rest | 0x80
    rest >>>= 7
  }
  buffer[last] = rest
  return last + 1
}

/** One of two bytes, as the little-endian number that they are. */
export function paddedVarint16(value: number): number {
  return (value & 0x7f) | 0x80 | ((value >>> 7) << 8)
}

/** One of four bytes, as the little-endian number that they are. */
export function paddedVarint32(value: number): number {
  return (
    (value & 0x7f) |
    0x80_80_80 |
    ((value & (0x7f << 7)) << 1) |
    ((value & (0x7f << 14)) << 2) |
    ((value >>> 21) << 24)
  )
}
