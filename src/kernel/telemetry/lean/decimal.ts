const zero = 0x30
const point = 0x2e

/** Writes whole microseconds as milliseconds, the way JSON writes the number. Returns the offset behind it. */
export function writeMicrosAsMillis(buffer: Buffer, offset: number, micros: number): number {
  const whole = Math.floor(micros / 1000)
  let at = writeWhole(buffer, offset, whole)
  let rest = micros - whole * 1000
  if (rest === 0) return at

  buffer[at++] = point
  for (let unit = 100; rest > 0; unit /= 10) {
    const digit = Math.floor(rest / unit)
    buffer[at++] = zero + digit
    rest -= digit * unit
  }
  return at
}

function writeWhole(buffer: Buffer, offset: number, value: number): number {
  let unit = 1
  while (unit * 10 <= value) unit *= 10
  let at = offset
  let rest = value
  for (; unit >= 1; unit /= 10) {
    const digit = Math.floor(rest / unit)
    buffer[at++] = zero + digit
    rest -= digit * unit
  }
  return at
}
