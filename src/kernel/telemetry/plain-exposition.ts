/** The content type of Prometheus' text format 0.0.4. */
export const plainContentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * OpenMetrics text as prom-client renders it, in the older text format: no exemplars, no end mark, and counters that
 * are called `_total` in their HELP and TYPE lines too. Needed because prom-client cannot go back (it renames counters
 * when it renders OpenMetrics once), while not every scraper takes OpenMetrics.
 */
export function toPlainExposition(openMetrics: string): string {
  const lines = openMetrics.split('\n')
  const counters = new Set(
    lines.flatMap((line) => /^# TYPE (\S+) counter$/.exec(line)?.slice(1) ?? []),
  )
  const plain = lines.flatMap((line) => {
    if (line === '' || line === '# EOF') return []
    return line.startsWith('#') ? renamed(line, counters) : withoutExemplar(line)
  })
  return `${plain.join('\n')}\n`
}

function renamed(comment: string, counters: Set<string>): string {
  return comment.replace(/^(# (?:HELP|TYPE) )(\S+)/, (_line, head: string, name: string) =>
    counters.has(name) ? `${head}${name}_total` : `${head}${name}`,
  )
}

/** The exemplar stands after the labels and the value; a label's value may hold anything, ` # {` too. */
function withoutExemplar(sample: string): string {
  const [beforeExemplar] = /^[^{ ]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})? \S+/.exec(sample) ?? []
  return beforeExemplar ?? sample
}
