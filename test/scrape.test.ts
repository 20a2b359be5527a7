import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { samplesOf } from './support/exposition.ts'
import { freePort } from './support/free-port.ts'
import { startObserved, traceIdOf } from './support/observed-service.ts'
import type { ObservedService } from './support/observed-service.ts'
import { missing, stackProgram } from './support/stack-program.ts'

const openMetrics = 'application/openmetrics-text'
// What Prometheus 3 sends.
const prometheusAccept =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

describe('/metrics', { concurrency: true }, () => {
  it('is OpenMetrics with exemplars for who accepts it, else the plain format', async () => {
    await using observed = await startObserved({ main: 'src/main.ts' })
    await fetch(`${observed.service.url}/healthz`)

    const asPrometheus = await scrape(observed, prometheusAccept)
    const asBrowser = await scrape(observed, 'text/html,*/*;q=0.8')

    assert.match(asPrometheus.type, /^application\/openmetrics-text; version=1\.0\.0/)
    assert.match(asPrometheus.text, /# EOF\n$/)
    assert.match(asPrometheus.text, /# \{trace_id="[0-9a-f]{32}"/)
    assert.equal(asBrowser.type, 'text/plain; version=0.0.4; charset=utf-8')
    assert.doesNotMatch(asBrowser.text, /# EOF|trace_id/)
    assert.match(
      asBrowser.text,
      /# HELP healthz_calls_total Total number of calls to the healthz endpoint\.\n# TYPE healthz_calls_total counter\nhealthz_calls_total 1\n/,
    )
    assert.match(asPrometheus.text, /# TYPE healthz_calls counter\nhealthz_calls_total 1\n/)
  })

  it('keeps its names when the formats alternate a hundred times', async () => {
    await using observed = await startObserved({ main: 'src/main.ts' })
    // The garbage collector's histogram has no samples before its first run, those of what is active come and go.
    const namesOf = (text: string) =>
      [...new Set(samplesOf(text).map(({ name }) => name))]
        .filter((name) => !/^nodejs_(gc|active)_/.test(name))
        .toSorted()
    const declared = (text: string) => text.split('\n').filter((line) => line.startsWith('# TYPE'))
    // The first request of all makes series that the scrapes before it cannot show.
    await fetch(`${observed.service.url}/healthz`)
    const first = await scrape(observed, 'text/plain')
    const firstOpen = await scrape(observed, openMetrics)

    for (let round = 0; round < 100; round += 1) {
      const plain = await scrape(observed, 'text/plain')
      const open = await scrape(observed, openMetrics)

      assert.deepEqual(namesOf(plain.text), namesOf(first.text))
      assert.deepEqual(namesOf(open.text), namesOf(first.text))
      assert.deepEqual(declared(plain.text), declared(first.text))
      assert.deepEqual(declared(open.text), declared(firstOpen.text))
    }
  })

  it(
    'passes promtool check metrics in the plain format',
    { skip: missing('promtool') },
    async () => {
      await using observed = await startObserved({ main: 'src/main.ts' })
      await fetch(`${observed.service.url}/healthz`)
      await fetch(`${observed.service.url}/nowhere`)
      const { text } = await scrape(observed, 'text/plain')

      const { status, stdout, stderr } = spawnSync(stackProgram('promtool'), ['check', 'metrics'], {
        input: text,
        encoding: 'utf8',
      })

      assert.equal(`${stdout}${stderr}`, '')
      assert.equal(status, 0)
    },
  )

  it(
    'is scraped by Prometheus, which gives the exemplars back',
    { skip: missing('prometheus') },
    async () => {
      await using observed = await startObserved({ main: 'src/main.ts' })
      const traceId = traceIdOf(await fetch(`${observed.service.url}/healthz`))
      await using prometheus = await startPrometheus(observed.service.port)

      const up = await prometheus.query('healthz_calls_total')
      const exemplars = await prometheus.exemplars('http_server_request_duration_seconds_bucket')

      assert.equal(up[0]?.value[1], '1')
      assert.ok(
        exemplars.some(({ labels }) => labels['trace_id'] === traceId),
        JSON.stringify(exemplars),
      )
      assert.equal((await prometheus.query('up'))[0]?.value[1], '1')
    },
  )
})

async function scrape(observed: ObservedService, accept: string) {
  const response = await fetch(`${observed.service.url}/metrics`, { headers: { accept } })
  return { type: response.headers.get('content-type') ?? '', text: await response.text() }
}

interface Vector {
  metric: Record<string, string>
  value: [number, string]
}

interface FoundExemplar {
  labels: Record<string, string>
}

async function startPrometheus(target: number) {
  const folder = await mkdtemp(join(tmpdir(), 'plainsight-prometheus-'))
  const port = await freePort()
  await writeFile(
    join(folder, 'prometheus.yaml'),
    `scrape_configs: [{job_name: service, scrape_interval: 500ms, scrape_timeout: 500ms, static_configs: [{targets: ['127.0.0.1:${target}']}]}]`,
  )
  const child = spawn(
    stackProgram('prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  )

  async function api<data>(path: string): Promise<data | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
      return ((await response.json()) as { data?: data }).data
    } catch {
      // Not listening yet.
      return undefined
    }
  }
  async function untilFound<found>(ask: () => Promise<found[] | undefined>): Promise<found[]> {
    const deadline = performance.now() + 15_000
    for (;;) {
      const found = (await ask()) ?? []
      if (found.length > 0 || performance.now() > deadline) return found
      await sleep(200)
    }
  }

  return {
    query: (expression: string) =>
      untilFound(async () => {
        const data = await api<{ result: Vector[] }>(
          `query?query=${encodeURIComponent(expression)}`,
        )
        return data?.result
      }),
    exemplars: (expression: string) =>
      untilFound(async () => {
        const now = Date.now() / 1000
        const data = await api<{ exemplars: FoundExemplar[] }[]>(
          `query_exemplars?query=${encodeURIComponent(expression)}&start=${now - 600}&end=${now + 60}`,
        )
        return data?.flatMap(({ exemplars }) => exemplars)
      }),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}
