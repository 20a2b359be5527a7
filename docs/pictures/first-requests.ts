// Draws docs/pictures/first-requests.svg, the picture in the README, from a run of the real service:
//   npm run picture
// The trap: ids, times and the instance differ with every run, so draw it again only when the output has changed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'

const columns = 118
const lineHeight = 17
const characterWidth = 7.25
const colours: Record<string, string> = {
  '31': '#f85149',
  '32': '#3fb950',
  '33': '#d29922',
  '36': '#39c5cf',
  '90': '#8b949e',
}

interface Run {
  text: string
  colour: string
}

const service = spawn(process.execPath, ['src/main.ts'], {
  env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '8080', LOG_FORMAT: 'pretty' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let log = ''
service.stdout.setEncoding('utf8').on('data', (chunk: string) => (log += chunk))
while (!log.includes('ready')) await once(service.stdout, 'data')

const transcript = [
  prompt('npm start'),
  ...log.trimEnd().split('\n'),
  '',
  ...(await shown('curl localhost:8080/healthz', '/healthz')),
  '',
  ...(await shown('curl localhost:8080/wherever', '/wherever')),
  '',
  ...(await shown(
    `curl -sH 'Accept: application/openmetrics-text' localhost:8080/metrics | grep -E '^healthz|trace_id'`,
    '/metrics',
    /^healthz_calls_total|trace_id/,
  )),
]
service.kill()
await once(service, 'exit')
await writeFile('docs/pictures/first-requests.svg', drawn(transcript.flatMap(wrapped)))

/** The command, its answer, and what the service logged meanwhile. */
async function shown(command: string, path: string, filter = /./): Promise<string[]> {
  const before = log.length
  const response = await fetch(`http://127.0.0.1:8080${path}`, {
    headers: { accept: 'application/openmetrics-text', 'user-agent': 'curl' },
  })
  const answer = (await response.text()).split('\n').filter((line) => filter.test(line))
  await new Promise((resolve) => setTimeout(resolve, 100))
  return [prompt(command), ...answer, ...log.slice(before).trimEnd().split('\n').filter(Boolean)]
}

function prompt(command: string): string {
  return `\u001b[90m$\u001b[39m ${command}`
}

function wrapped(line: string): Run[][] {
  const rows: Run[][] = [[]]
  let width = 0
  let colour = '#e6edf3'
  // oxlint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    // oxlint-disable-next-line no-control-regex
    const [, code] = /^\u001b\[(\d+)m$/.exec(part) ?? []
    if (code !== undefined) {
      colour = colours[code] ?? '#e6edf3'
      continue
    }
    for (let rest = part; rest !== '';) {
      if (width === columns) {
        rows.push([{ text: '  ', colour }])
        width = 2
      }
      const text = rest.slice(0, columns - width)
      rows.at(-1)?.push({ text, colour })
      width += text.length
      rest = rest.slice(text.length)
    }
  }
  return rows
}

function drawn(rows: Run[][]): string {
  const width = Math.ceil(columns * characterWidth) + 32
  const height = rows.length * lineHeight + 32
  const lines = rows.map((runs, row) => {
    const spans = runs.map(({ text, colour }) => `<tspan fill="${colour}">${escaped(text)}</tspan>`)
    return `<text x="16" y="${28 + row * lineHeight}" xml:space="preserve">${spans.join('')}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    `  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
