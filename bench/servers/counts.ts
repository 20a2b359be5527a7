/** What requests left: on the wire, on stdout, on `/metrics`. */
export interface Counts {
  spans: number
  logRecords: number
  lines: number
  observations: number
}

export const noCounts: Counts = { spans: 0, logRecords: 0, lines: 0, observations: 0 }

/** Without what a start, its first answer, a scrape and a stop leave by themselves. */
export function netOf(counts: Counts, baseline: Counts): Counts {
  return combined(counts, (value, key) => value - baseline[key])
}

export function perRequest(counts: Counts, requests: number): Counts {
  return combined(counts, (value) => value / requests)
}

function combined(counts: Counts, combine: (value: number, key: keyof Counts) => number): Counts {
  const { spans, logRecords, lines, observations } = counts
  return {
    spans: combine(spans, 'spans'),
    logRecords: combine(logRecords, 'logRecords'),
    lines: combine(lines, 'lines'),
    observations: combine(observations, 'observations'),
  }
}
