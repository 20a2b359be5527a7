import { setTimeout as sleep } from 'node:timers/promises'

export const serviceUrl = 'http://127.0.0.1:8080'
const jaegerUrl = 'http://127.0.0.1:16686'
const lokiUrl = 'http://127.0.0.1:3100'
const alertmanagerUrl = 'http://127.0.0.1:9093'
const prometheusUrl = 'http://127.0.0.1:9090'

export interface JaegerSpan {
  spanID: string
  operationName: string
  /** Microseconds since 1970. */
  startTime: number
  tags: Record<string, unknown>
}

/** A link that Jaeger's UI shows; `#{name}` stands for what it fills in. */
export interface LinkPattern {
  type: string
  url: string
  text: string
}

export interface LokiLine {
  labels: Record<string, string>
  text: string
}

export interface Series {
  metric: Record<string, string>
  value: number
}

export interface FoundExemplar {
  metric: Record<string, string>
  labels: Record<string, string>
}

/** The spans of a trace, or undefined while Jaeger does not know it. */
export async function traceInJaeger(traceId: string): Promise<JaegerSpan[] | undefined> {
  const response = await patientFetch(`${jaegerUrl}/api/traces/${traceId}`)
  if (!response.ok) return undefined
  const { data } = (await response.json()) as {
    data: {
      spans: (Omit<JaegerSpan, 'tags'> & { tags: { key: string; value: unknown }[] })[]
    }[]
  }
  return data[0]?.spans.map(({ tags, ...span }) => ({
    ...span,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  }))
}

/** A connection that lay idle may be closed by the server just when it is used again. */
async function patientFetch(url: string, attempts = 3): Promise<Response> {
  try {
    return await fetch(url)
  } catch (error) {
    if (attempts === 1) throw error
    await sleep(500)
    return await patientFetch(url, attempts - 1)
  }
}

/** The links that Jaeger's UI was told to show. */
export async function linkPatternsInJaeger(): Promise<LinkPattern[]> {
  const page = await (await fetch(`${jaegerUrl}/`)).text()
  const [, config = '{}'] = /JAEGER_CONFIG = (\{.*\});/.exec(page) ?? []
  return (JSON.parse(config) as { linkPatterns?: LinkPattern[] }).linkPatterns ?? []
}

/** The lines that a LogQL query finds in the last hour. */
export async function linesInLoki(query: string): Promise<LokiLine[]> {
  const parameters = new URLSearchParams({ query, limit: '5000', since: '1h' })
  const response = await fetch(`${lokiUrl}/loki/api/v1/query_range?${parameters}`)
  if (!response.ok) throw new Error(`Loki: ${await response.text()}`)
  const { data } = (await response.json()) as {
    data: { result: { stream: Record<string, string>; values: [string, string][] }[] }
  }
  return data.result.flatMap(({ stream, values }) =>
    values.map(([, text]) => ({ labels: stream, text })),
  )
}

export async function queryPrometheus(query: string, url = prometheusUrl): Promise<Series[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`)
  if (!response.ok) throw new Error(`Prometheus: ${await response.text()}`)
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
}

/** By how much counters have grown; series that are no longer found, of processes that ended, count for nothing. */
export function growth(before: Series[], now: Series[]): number {
  const values = new Map(before.map(({ metric, value }) => [JSON.stringify(metric), value]))
  return now.reduce((sum, { metric, value }) => {
    return sum + value - (values.get(JSON.stringify(metric)) ?? 0)
  }, 0)
}

/** Waits until Prometheus knows the service that runs now, not the one before a restart. */
export async function scraped(): Promise<void> {
  const text = await (await fetch(`${serviceUrl}/metrics`)).text()
  const [, started] = /^process_start_time_seconds (\S+)$/m.exec(text) ?? []
  await eventually('a scrape of the service that runs', async () => {
    const series = await queryPrometheus('process_start_time_seconds{job="service"}')
    return series.some(({ value }) => value === Number(started))
  })
}

/** Waits until the service has handed on every span that it made. */
export async function handedOn(): Promise<void> {
  await eventually('the queue of the service is empty', async () => {
    const text = await (await fetch(`${serviceUrl}/metrics`)).text()
    return /^telemetry_queue_length\{signal="spans"\} 0$/m.test(text)
  })
}

/** Waits until counters stand still, for longer than the collector keeps span metrics to itself. */
export async function settled(query: string): Promise<Series[]> {
  await handedOn()
  for (let before = await queryPrometheus(query); ;) {
    await sleep(17_000)
    const now = await queryPrometheus(query)
    if (growth(before, now) === 0) return now
    before = now
  }
}

/** The sum of what the query finds, 0 if that is nothing. */
export async function sumInPrometheus(query: string): Promise<number> {
  return (await queryPrometheus(query)).reduce((sum, { value }) => sum + value, 0)
}

/** Of the last hour, or since so many seconds after 1970. */
export async function exemplarsInPrometheus(
  query: string,
  since = Date.now() / 1000 - 3600,
): Promise<FoundExemplar[]> {
  const now = Date.now() / 1000
  const parameters = new URLSearchParams({
    query,
    start: String(since),
    end: String(now + 60),
  })
  const response = await fetch(`${prometheusUrl}/api/v1/query_exemplars?${parameters}`)
  const { data } = (await response.json()) as {
    data: {
      seriesLabels: Record<string, string>
      exemplars: { labels: Record<string, string> }[]
    }[]
  }
  return data.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map(({ labels }) => ({ metric: seriesLabels, labels })),
  )
}

/** The names of all rules that are loaded. */
export async function rulesInPrometheus(): Promise<string[]> {
  const response = await fetch(`${prometheusUrl}/api/v1/rules`)
  const { data } = (await response.json()) as {
    data: { groups: { rules: { name: string }[] }[] }
  }
  return data.groups.flatMap(({ rules }) => rules.map(({ name }) => name))
}

export async function alertsInAlertmanager(): Promise<
  { labels: Record<string, string>; annotations: Record<string, string> }[]
> {
  const response = await fetch(`${alertmanagerUrl}/api/v2/alerts`)
  return (await response.json()) as Awaited<ReturnType<typeof alertsInAlertmanager>>
}

/** Asks until the answer is neither undefined nor false; what is not answered yet (a server that starts) counts as no. */
export async function eventually<found>(
  what: string,
  ask: () => Promise<found | undefined | false>,
  timeoutSeconds = 60,
): Promise<found> {
  const deadline = performance.now() + timeoutSeconds * 1000
  let problem = ''
  for (;;) {
    try {
      const found = await ask()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      problem = ` (${String(error)})`
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${timeoutSeconds} s: ${what}${problem}`)
    }
    await sleep(500)
  }
}
