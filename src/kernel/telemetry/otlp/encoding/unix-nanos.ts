const nanosPerSecond = 1_000_000_000

const twoTo32 = 2 ** 32

/**
 * Eight bytes, little-endian; returns the offset behind them. A double cannot hold today's nanoseconds: the low half is
 * therefore computed modulo 2^32, where it is exact, and the high half from the double, whose error of some hundred
 * nanoseconds is nothing there.
 */
export function writeFixed64Time(
  target: DataView,
  offset: number,
  seconds: number,
  nanos: number,
): number {
  const low = ((Math.imul(seconds, nanosPerSecond) >>> 0) + nanos) >>> 0
  const high = Math.round((seconds * nanosPerSecond + nanos - low) / twoTo32)
  target.setUint32(offset, low, true)
  target.setUint32(offset + 4, high, true)
  return offset + 8
}

/** Of milliseconds with a fraction, in nanoseconds: as exact as the double is, a quarter of a microsecond today. */
export function writeFixed64Nanos(target: DataView, offset: number, epochMillis: number): number {
  const seconds = Math.floor(epochMillis / 1000)
  // The difference of two neighbours is exact, the product epochMillis * 1e6 would not be.
  const nanos = Math.round((epochMillis - seconds * 1000) * 1_000_000)
  return writeFixed64Time(target, offset, seconds, nanos)
}
