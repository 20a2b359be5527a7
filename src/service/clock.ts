/** A clock that writes `YYYY-MM-DD HH:MM:SS` in the given zone. */
export function clockIn(timeZone: string | undefined): (time: Date) => string {
  // Sweden's way of writing dates is the one wanted; making a formatter is slow, using one is not.
  const format = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(timeZone !== undefined && { timeZone }),
  })
  return (time) => format.format(time)
}
