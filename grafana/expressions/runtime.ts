/** From 0 to 1: the share of its time in which the event loop of a process ran code. */
export function eventLoopUtilisation(where: string): string {
  const active = where === '' ? 'state="active"' : `${where}, state="active"`
  return `${loopTime(active)} / ${loopTime(where)}`
}

function loopTime(where: string): string {
  const rate = `rate(nodejs_eventloop_time_seconds_total{${where}}[$__rate_interval])`
  return `sum by (job, instance) (${rate})`
}
