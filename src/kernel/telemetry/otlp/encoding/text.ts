/** Up to here a loop over the characters takes less than the call into the runtime's encoder, some 30 ns. */
const shortLength = 10

/**
 * As UTF-8, half a surrogate pair as U+FFFD; returns the offset behind it. Three bytes of room for each UTF-16 unit are
 * enough; what does not fit is left out.
 */
export function writeText(buffer: Buffer, offset: number, text: string): number {
  if (text.length <= shortLength) {
    const end = writeAscii(buffer, offset, text)
    if (end >= 0) return end
  }
  return offset + buffer.write(text, offset)
}

/** -1 at the first character that takes more than one byte. */
function writeAscii(buffer: Buffer, offset: number, text: string): number {
  const { length } = text
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return -1
    buffer[offset + index] = code
  }
  return offset + length
}
