// Those of each byte, as the number that their two characters are.
const byteDigits = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(),
)

/** The eight digits of a number of 32 bits, in small letters, whatever its sign. */
export function writeDigits(target: DataView, offset: number, word: number): void {
  target.setUint16(offset, byteDigits[word >>> 24] as number)
  target.setUint16(offset + 2, byteDigits[(word >>> 16) & 0xff] as number)
  target.setUint16(offset + 4, byteDigits[(word >>> 8) & 0xff] as number)
  target.setUint16(offset + 6, byteDigits[word & 0xff] as number)
}

/** The same as text. */
export function digitsOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
