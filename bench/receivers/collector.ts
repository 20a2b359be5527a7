import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { samplesOf } from '../../test/support/exposition.ts'
import { freePort } from '../../test/support/free-port.ts'
import { programOrThrow } from '../programs.ts'
import type { Received, Receiver } from './receiver.ts'

const PATIENCE_MILLIS = 20_000

/** The real OpenTelemetry Collector. @throws if it is not installed */
export async function startCollector(): Promise<Receiver> {
  const path = programOrThrow('otelcol-contrib')
  const [otlpPort, metricsPort] = [await freePort(), await freePort()]
  const child = spawn(path, [`--config=${join(import.meta.dirname, 'collector.yaml')}`], {
    env: { ...process.env, BENCH_OTLP_PORT: `${otlpPort}`, BENCH_METRICS_PORT: `${metricsPort}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  const complaints = text(child.stderr)
  const received = () => receivedBy(`http://127.0.0.1:${metricsPort}/metrics`)

  const deadline = performance.now() + PATIENCE_MILLIS
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the collector ended: ${await complaints}`)
    const isUp = await received().then(
      () => true,
      () => false,
    )
    if (isUp) break
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the collector does not listen: ${await complaints}`)
    }
    await sleep(100)
  }
  return {
    url: `http://127.0.0.1:${otlpPort}`,
    received,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function receivedBy(metricsUrl: string): Promise<Received> {
  const samples = samplesOf(await (await fetch(metricsUrl)).text())
  // The suffix depends on the collector's version.
  const accepted = (what: string) =>
    samples
      .filter(({ name }) => name.replace(/_total$/, '') === `otelcol_receiver_accepted_${what}`)
      .reduce((sum, { value }) => sum + value, 0)
  return { spans: accepted('spans'), logRecords: accepted('log_records') }
}
