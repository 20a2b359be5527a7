let knownMillis = -1
let known = ''

/** ISO 8601 in UTC, as `toISOString` writes it; many requests share a millisecond. */
export function isoTime(millis: number): string {
  if (millis !== knownMillis) {
    knownMillis = millis
    known = new Date(millis).toISOString()
  }
  return known
}
