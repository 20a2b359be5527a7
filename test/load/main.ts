// Drives a running service with a bounded mix of requests, so that there is something to see: npm run load
import { parseArgs } from 'node:util'

import { badSpellOf, runLoad } from './run-load.ts'
import { progressLine, summary } from './report.ts'

const { env, stdout } = process
const usage = `npm run load -- [--seconds 120] [--per-second 20] [--url http://localhost:8080]`

const { url, seconds, perSecond } = readArguments()
await complainUnlessThere()

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
const [badFrom, badTo] = badSpellOf(seconds)
stdout.write(
  `${perSecond} requests a second to ${url} for ${seconds} s, bad spell from ${badFrom.toFixed(0)} to ${badTo.toFixed(0)} s; Ctrl-C ends it.\n`,
)
const tally = await runLoad({
  url,
  seconds,
  perSecond,
  signal: interrupted.signal,
  onProgress(soFar, elapsedSeconds) {
    const line = progressLine(soFar, elapsedSeconds, seconds)
    if (stdout.isTTY) stdout.write(`\r\u001B[K${line}`)
    else if (Math.round(elapsedSeconds) % 10 === 0) stdout.write(`${line}\n`)
  },
})
stdout.write(
  summary(tally, {
    jaegerUrl: `http://localhost:${env['JAEGER_PORT'] ?? '16686'}`,
    grafanaUrl: `http://localhost:${env['GRAFANA_PORT'] ?? '3000'}`,
  }),
)

function readArguments(): { url: string; seconds: number; perSecond: number } {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string', default: `http://localhost:${env['SERVICE_PORT'] ?? '8080'}` },
        seconds: { type: 'string', default: '120' },
        'per-second': { type: 'string', default: '20' },
      },
    })
    if (!/^https?:\/\/[^/]/.test(values.url) || !URL.canParse(values.url)) {
      throw new Error(`--url: expected a URL such as http://localhost:8080, got "${values.url}"`)
    }
    return {
      url: values.url.replace(/\/$/, ''),
      seconds: wholeNumber('--seconds', values.seconds, 3600),
      perSecond: wholeNumber('--per-second', values['per-second'], 500),
    }
  } catch (error) {
    return leave(`${(error as Error).message}\n${usage}`)
  }
}

function wholeNumber(name: string, text: string, maximum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= maximum) return value
  throw new Error(`${name}: expected a whole number from 1 to ${maximum}, got "${text}"`)
}

async function complainUnlessThere(): Promise<void> {
  const response = await fetch(`${url}/demo/slow?seconds=0`).catch((error: unknown) => {
    const { cause } = error as { cause?: { code?: string; message?: string } }
    return leave(
      `Nothing answers at ${url} (${cause?.code ?? cause?.message ?? String(error)}). Start it with \`docker compose up --build --wait\`, or name another with --url.`,
    )
  })
  if (response.status !== 404) return
  stdout.write(
    'The service has no /demo routes, so nothing will be slow or fail: DEMO_ROUTES=true adds them.\n',
  )
}

function leave(complaint: string): never {
  process.stderr.write(`${complaint}\n`)
  process.exit(1)
}
