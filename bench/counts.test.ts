// The part of the bench that needs no quiet machine: at full speed, nothing is lost and nothing comes twice.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { CONNECTIONS, runFullSpeed } from './load/full-speed-load.ts'
import { runKeepAliveClient } from './load/keep-alive-client.ts'
import { programPath } from './programs.ts'
import type { Receiver, ReceiverKind } from './receivers/receiver.ts'
import { startReceiver } from './receivers/start-receiver.ts'
import { countedRun } from './servers/counted-run.ts'
import { netOf } from './servers/counts.ts'
import type { Counts } from './servers/counts.ts'
import type { Server } from './servers/server.ts'
import { variantNamed } from './variants.ts'
import { workloadNamed } from './workloads.ts'

const FULL_SPEED_SECONDS = 2
const CLIENT_REQUESTS = 20_000
const MOST_LINES_ABOUT_LOSS = 100

const noCollector =
  programPath('otelcol-contrib') === undefined && 'no otelcol-contrib where PLAINSIGHT_BIN says'

describe('at full speed', () => {
  describe('with a receiver that keeps windows of 64 KiB', () => countsWith('own'))
  describe('with the real collector', { skip: noCollector }, () => countsWith('collector'))
})

function countsWith(kind: ReceiverKind): void {
  let receiver: Receiver
  before(async () => {
    receiver = await startReceiver(kind)
  })
  after(() => receiver[Symbol.asyncDispose]())

  it('each request leaves one span, log record, line and observation: lean recorder', async () => {
    const { requests, left, dropped } = await leftAtFullSpeed('plainsight-lean', receiver)

    assert.deepEqual(left, {
      spans: requests,
      logRecords: requests,
      lines: requests,
      observations: requests,
    } satisfies Counts)
    assert.deepEqual(dropped, { spans: 0, logRecords: 0 })
  })

  // Its queue holds 2048 of each, as OpenTelemetry has it, and one batch is under way: at full speed that may be too little.
  it('the same, or it is counted as lost: standard recorder', async () => {
    const { requests, left, dropped } = await leftAtFullSpeed('plainsight-standard', receiver)

    assert.equal(left.spans + dropped.spans, requests)
    // Lines about the loss come on top; they are records, too.
    assertBetween(
      left.lines,
      requests,
      dropped.spans + dropped.logRecords === 0 ? requests : requests + MOST_LINES_ABOUT_LOSS,
    )
    assert.equal(left.logRecords + dropped.logRecords, left.lines)
  })
}

async function leftAtFullSpeed(name: string, receiver: Receiver) {
  const variant = variantNamed(name)
  const options = { upstreamUrl: 'http://127.0.0.1:9', pinned: false }
  const idle = await countedRun(variant, receiver, options, async () => {})
  const { result: asked, counts, dropped } = await countedRun(variant, receiver, options, load)

  const left = netOf(counts, idle.counts)
  assert.ok(asked > 0)
  assertBetween(left.observations, asked, asked + unseen)
  return { requests: left.observations, left, dropped }
}

// When wrk stops, it looks at no more answers; the client waits for all of them.
const unseen = programPath('wrk') === undefined ? 0 : CONNECTIONS

async function load({ url }: Server): Promise<number> {
  if (programPath('wrk') === undefined) return runKeepAliveClient(`${url}/`, CLIENT_REQUESTS)
  const { requests, failures } = await runFullSpeed(url, workloadNamed('root'), FULL_SPEED_SECONDS)
  assert.equal(failures, 0)
  return requests
}

function assertBetween(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`)
}
