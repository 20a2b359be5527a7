// A loop over so many characters takes less than the call of a function that is not JavaScript.
const shortLength = 12

/** Copies bytes. Returns the offset behind them. */
export function writeBytes(buffer: Buffer, offset: number, bytes: Uint8Array): number {
  buffer.set(bytes, offset)
  return offset + bytes.length
}

/** Writes a text that is known to be ASCII. Returns the offset behind it. */
export function writePlain(buffer: Buffer, offset: number, text: string): number {
  const { length } = text
  if (length > shortLength) return offset + buffer.write(text, offset, 'latin1')
  for (let index = 0; index < length; index += 1) buffer[offset + index] = text.charCodeAt(index)
  return offset + length
}
