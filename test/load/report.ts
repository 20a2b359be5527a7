import type { Outcome, Tally } from './tally.ts'

export function progressLine(
  { sent, failed, unanswered }: Tally,
  elapsedSeconds: number,
  seconds: number,
): string {
  const time = `${elapsedSeconds.toFixed(0).padStart(String(seconds).length)} of ${seconds} s`
  return `${time}   ${sent} requests   ${failed} failed   ${unanswered} without an answer`
}

/** What was sent, and where to look at it. */
export function summary(tally: Tally, urls: { jaegerUrl: string; grafanaUrl: string }): string {
  const { jaegerUrl, grafanaUrl } = urls
  const rows = tally
    .rows()
    .map(({ kind, sent, answers }) => `  ${kind.padEnd(14)}${String(sent).padStart(6)}  ${answers}`)
  const traces = [
    traceLine('the slowest', tally.slowest, jaegerUrl),
    traceLine('the last failure', tally.lastFailed, jaegerUrl),
  ]
  return [
    '',
    `${tally.sent} requests`,
    ...rows,
    'Look at',
    ...traces.filter((line) => line !== undefined),
    `  ${'all of it'.padEnd(18)}${grafanaUrl}/d/service`,
    '',
  ].join('\n')
}

function traceLine(
  what: string,
  outcome: Outcome | undefined,
  jaegerUrl: string,
): string | undefined {
  if (!outcome?.traceId) return undefined
  const { status, seconds, traceId } = outcome
  return `  ${what.padEnd(18)}${jaegerUrl}/trace/${traceId}  (${status}, ${seconds.toFixed(2)} s)`
}
