import { setTimeout as sleep } from 'node:timers/promises'

export const serviceUrl = 'http://127.0.0.1:8080'
const jaegerUrl = 'http://127.0.0.1:16686'
const lokiUrl = 'http://127.0.0.1:3100'
const prometheusUrl = 'http://127.0.0.1:9090'

export interface JaegerSpan {
  spanID: string
  operationName: string
  tags: Record<string, unknown>
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
  const response = await fetch(`${jaegerUrl}/api/traces/${traceId}`)
  if (!response.ok) return undefined
  const { data } = (await response.json()) as {
    data: {
      spans: { spanID: string; operationName: string; tags: { key: string; value: unknown }[] }[]
    }[]
  }
  return data[0]?.spans.map(({ tags, ...span }) => ({
    ...span,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  }))
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

/** The sum of what the query finds, 0 if that is nothing. */
export async function sumInPrometheus(query: string): Promise<number> {
  return (await queryPrometheus(query)).reduce((sum, { value }) => sum + value, 0)
}

export async function exemplarsInPrometheus(query: string): Promise<FoundExemplar[]> {
  const now = Date.now() / 1000
  const parameters = new URLSearchParams({
    query,
    start: String(now - 3600),
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
