export interface WrkReport {
  requests: number
  seconds: number
  perSecond: number
  /** Answers that were neither 2xx nor 3xx. */
  failures: number
  socketErrors: number
  p50Millis: number
  p99Millis: number
}

/** What `wrk --latency` prints. @throws if it is anything else */
export function readWrkReport(text: string): WrkReport {
  const totals = /^\s+(\d+) requests in ([\d.]+)(us|ms|s|m|h),/m.exec(text)
  if (!totals) throw new Error(`wrk printed no totals:\n${text}`)
  const [, requests, amount, unit] = totals
  const perSecond = /^Requests\/sec:\s+([\d.]+)/m.exec(text)?.[1]
  const errors = /^\s+Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/m.exec(
    text,
  )
  return {
    requests: Number(requests),
    seconds: millisOf(amount, unit) / 1000,
    perSecond: Number(perSecond),
    failures: Number(/^\s+Non-2xx or 3xx responses: (\d+)/m.exec(text)?.[1] ?? 0),
    socketErrors: (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0),
    p50Millis: percentile(text, 50),
    p99Millis: percentile(text, 99),
  }
}

function percentile(text: string, percent: number): number {
  const found = new RegExp(String.raw`^\s+${percent}%\s+([\d.]+)(us|ms|s|m|h)$`, 'm').exec(text)
  return millisOf(found?.[1], found?.[2])
}

const unitMicros: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 }

function millisOf(amount = '', unit = ''): number {
  return (Number(amount || Number.NaN) * (unitMicros[unit] ?? Number.NaN)) / 1000
}
