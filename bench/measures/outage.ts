import { setTimeout as sleep } from 'node:timers/promises'

import { valueOf } from '../../test/support/exposition.ts'
import type { Sample } from '../../test/support/exposition.ts'
import { runFixedRate } from '../load/fixed-rate-load.ts'
import { startOwnReceiver } from '../receivers/own-receiver.ts'
import { rssBytes } from '../servers/process-figures.ts'
import { startServer } from '../servers/server.ts'
import type { Variant } from '../variants.ts'
import { workloadNamed } from '../workloads.ts'
import type { Context } from './context.ts'

export interface OutageJob {
  variant: Variant
  perSecond: number
  warmUpSeconds: number
  seconds: number
}

/** What the service says of one signal; undefined where it says nothing. */
export interface Ledger {
  created: number
  exported: number
  dropped: number
  waiting: number
  /** Neither exported nor dropped nor waiting: zero if the loss is counted exactly, and nothing is under way. */
  unaccounted: number
}

export interface Outage {
  variant: string
  perSecond: number
  seconds: number
  /** When the collector went away. */
  beforeBytes: number
  mostBytes: number
  afterBytes: number
  /** Once a second. */
  bytes: number[]
  spans: Ledger | undefined
  logRecords: Ledger | undefined
  stopSeconds: number
  stderrBytes: number
}

/** The collector is there, goes away under load, and stays away. */
export async function measureOutage(
  { variant, perSecond, warmUpSeconds, seconds }: OutageJob,
  context: Context,
): Promise<Outage> {
  const workload = workloadNamed('root')
  const receiver = await startOwnReceiver()
  await using server = await startServer(variant, {
    otlpUrl: receiver.url,
    upstreamUrl: context.upstream.url,
  })
  try {
    await runFixedRate(server.url, workload, perSecond, warmUpSeconds)
  } finally {
    await receiver[Symbol.asyncDispose]()
  }

  const beforeBytes = rssBytes(server.pid)
  const sampling = new AbortController()
  const samples = sampleRss(server.pid, sampling.signal)
  await runFixedRate(server.url, workload, perSecond, seconds)
  sampling.abort()
  const bytes = await samples
  const exposition = await server.samples()
  const ended = await server.stop()
  return {
    variant: variant.name,
    perSecond,
    seconds,
    beforeBytes,
    mostBytes: Math.max(beforeBytes, ...bytes),
    afterBytes: bytes.at(-1) ?? beforeBytes,
    bytes,
    spans: ledgerOf(exposition, 'spans'),
    logRecords: ledgerOf(exposition, 'logs'),
    stopSeconds: ended.seconds,
    stderrBytes: Buffer.byteLength(server.stderr()),
  }
}

async function sampleRss(pid: number, signal: AbortSignal): Promise<number[]> {
  const bytes: number[] = []
  while (!signal.aborted) {
    bytes.push(rssBytes(pid))
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
  return bytes
}

/** From one scrape, so that all four are of the same moment. */
function ledgerOf(samples: Sample[], signal: string): Ledger | undefined {
  if (!samples.some(({ name }) => name === 'telemetry_created_total')) return undefined
  const created = valueOf(samples, 'telemetry_created_total', { signal })
  const exported = valueOf(samples, 'telemetry_exported_total', { signal })
  const dropped = valueOf(samples, 'telemetry_dropped_total', { signal })
  const waiting = valueOf(samples, 'telemetry_queue_length', { signal })
  return {
    created,
    exported,
    dropped,
    waiting,
    unaccounted: created - exported - dropped - waiting,
  }
}
