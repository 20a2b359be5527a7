/**
 * A trace's or span's id as raw bytes, two digits to one; returns the offset behind them. A span's id takes less time
 * in this loop than in `buffer.write(id, 'hex')`, a trace's the same.
 */
export function writeHexId(buffer: Buffer, offset: number, id: string): number {
  const end = offset + (id.length >>> 1)
  for (let at = offset, digit = 0; at < end; at += 1, digit += 2) {
    buffer[at] = (valueOf(id.charCodeAt(digit)) << 4) | valueOf(id.charCodeAt(digit + 1))
  }
  return end
}

/** A digit's code ends in its value; a letter's, small or capital, in its value less nine. */
function valueOf(code: number): number {
  return (code & 15) + (code >> 6) * 9
}
