let knownSecond = -1
let knownMillis = -1
let start = ''
let known = ''

/** ISO 8601 in UTC, as `toISOString` writes it: many requests share a millisecond, and nearly all of it a second. */
export function isoTime(millis: number): string {
  if (millis === knownMillis) return known
  const second = Math.floor(millis / 1000)
  if (second !== knownSecond) {
    knownSecond = second
    start = new Date(second * 1000).toISOString().slice(0, -'000Z'.length)
  }
  knownMillis = millis
  known = `${start}${String(millis - second * 1000).padStart(3, '0')}Z`
  return known
}
