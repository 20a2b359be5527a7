import { isTimeZone } from './time-zone.ts'

/** A clock that writes `YYYY-MM-DD HH:MM:SS` in the given zone. */
export function clockIn(timeZone = machinesZone()): (time: Date) => string {
  // A formatter of Intl's would be a tenth of the start; this costs more at each use, hence once a second.
  let second: number | undefined
  let text = ''
  return (time) => {
    const now = Math.floor(time.getTime() / 1000)
    if (now !== second) {
      text = write(time.toTemporalInstant().toZonedDateTimeISO(timeZone).toPlainDateTime())
      second = now
    }
    return text
  }
}

/** UTC where the machine has none that is known: with an empty TZ, Node calls it `Etc/Unknown`. */
function machinesZone(): string {
  const name = Temporal.Now.timeZoneId()
  return isTimeZone(name) ? name : 'UTC'
}

function write(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: 'second' }).replace('T', ' ')
}
