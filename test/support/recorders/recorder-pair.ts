import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { SpanContext } from '@opentelemetry/api'

import { startServers } from '../../../src/kernel/http/servers.ts'
import { Health } from '../../../src/kernel/health.ts'
import type { RecorderKind } from '../../../src/kernel/telemetry/recorder-kind.ts'
import type {
  RequestRecord,
  RequestRecorder,
} from '../../../src/kernel/telemetry/request-recorder.ts'
import { FixedClock } from './fixed-clock.ts'
import { GivenIds } from './given-ids.ts'
import { httpClient } from './http-client.ts'
import type { HttpClient } from './http-client.ts'
import { wireLogRecords, wireSpans } from './left-telemetry.ts'
import type { LeftTelemetry, WireRecord } from './left-telemetry.ts'
import { activeSpanContext, startRecorder } from './observed-recorder.ts'
import type { ObservedRecorder, RecorderSetup } from './observed-recorder.ts'
import { parcelRoutes } from './parcel-routes.ts'
import type { Act } from './parcel-routes.ts'

export interface PairSetup extends Omit<RecorderSetup, 'ids'> {
  /** Further routes, by their patterns. */
  acts?: Record<string, Act>
}

/** What the client does, once to each of the two. */
export type Drive = (client: HttpClient) => Promise<unknown>

/** Decoded and flat, ready to be compared. */
export interface Left {
  lines: string[]
  spans: WireRecord[]
  records: WireRecord[]
  exposition: string
}

// No whole number of milliseconds, as nearly all requests take; and one that no sum of times rounds.
const millisOfRequest = 1.125

/**
 * Has both recorders record the same, each behind a server of its own, with the same clock and the same ids: nothing but
 * the port that a client happens to have may differ. Returns what they left, which is the same.
 */
export async function leftByBoth(
  t: TestContext,
  drive: Drive,
  setup: PairSetup = {},
  hint = '',
): Promise<Left> {
  using clock = new FixedClock(t.mock)
  const begun: SpanContext[] = []
  const lean = await leftBy('lean', clock, begun, drive, setup)
  clock.reset()
  const standard = await leftBy('standard', clock, begun, drive, setup)
  assertSame(lean, standard, hint)
  return standard
}

/** The lean one makes the ids, the standard one is given them. */
async function leftBy(
  kind: RecorderKind,
  clock: FixedClock,
  begun: SpanContext[],
  drive: Drive,
  { acts = {}, ...setup }: PairSetup,
): Promise<Left> {
  const ids = new GivenIds()
  await using observed = await startRecorder(kind, { ...setup, ids })
  const given = kind === 'standard' ? begun.values() : undefined
  let count = 0
  const recorder = noted(observed.recorder, {
    before: () => ids.give(given?.next().value),
    after(record) {
      ids.give(undefined)
      count += 1
      const spanContext = record.run(activeSpanContext)
      if (kind === 'lean' && spanContext) begun.push(spanContext)
      clock.advance(millisOfRequest)
    },
  })
  await using server = await startServer(observed, recorder, clock, acts)
  await drive(
    httpClient({
      port: server.port,
      async begun() {
        while (!recorder.isRecording) await nextTurn()
      },
      async closed() {
        while (recorder.isRecording) await nextTurn()
      },
    }),
  )
  assert.equal(count, begun.length, `requests of the ${kind} recorder`)
  return flat(await observed.left())
}

/** Also tells when a record begins. */
function noted(
  recorder: RequestRecorder,
  { before, after }: { before(): void; after(record: RequestRecord): void },
): RequestRecorder {
  return {
    begin(...request) {
      before()
      const record = recorder.begin(...request)
      after(record)
      return record
    },
    get isRecording() {
      return recorder.isRecording
    },
    willRecord: (error) => recorder.willRecord(error),
  }
}

/** The kernel's own. */
async function startServer(
  { serviceName, settings, logger, tracer, registry, telemetry }: ObservedRecorder,
  recorder: RequestRecorder,
  clock: FixedClock,
  acts: Record<string, Act>,
): Promise<AsyncDisposable & { port: number }> {
  const { service } = await startServers(parcelRoutes(acts, { tracer, logger, clock }), {
    serviceName,
    settings,
    logger,
    telemetry,
    recorder,
    version: '1.2.3',
    metrics: registry,
    health: new Health(logger),
  })
  return {
    port: service.port,
    [Symbol.asyncDispose]: () => service.close(0),
  }
}

function flat(left: LeftTelemetry): Left {
  return {
    lines: left.lines.map(withoutClassName),
    spans: wireSpans(left).map((span) => withoutClassNames(withoutPeerPort(span))),
    records: wireLogRecords(left).map((record) => withoutClassNames(record)),
    exposition: left.exposition,
  }
}

/** In stacks, the one word that tells them apart. */
function withoutClassName(text: string): string {
  return text.replaceAll(/\b(?:Lean|Standard)Record\b/g, 'Record')
}

function withoutClassNames<value>(value: value): value {
  if (typeof value === 'string') return withoutClassName(value) as value
  if (Array.isArray(value)) return value.map((record) => withoutClassNames(record)) as value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutClassNames(item)]),
  ) as value
}

function withoutPeerPort(span: WireRecord): WireRecord {
  const attributes = span['attributes'] as { key: string; value: unknown }[]
  return {
    ...span,
    attributes: attributes.map((attribute) =>
      attribute.key === 'network.peer.port' ? { ...attribute, value: 'a port' } : attribute,
    ),
  }
}

/** The first difference only: that of thousands is unreadable. */
function assertSame(lean: Left, standard: Left, hint: string): void {
  sameItems('line', lean.lines, standard.lines, hint)
  sameItems('span', lean.spans, standard.spans, hint)
  sameItems('log record', lean.records, standard.records, hint)
  assert.equal(lean.exposition, standard.exposition, `the exposition differs ${hint}`)
}

function sameItems(what: string, lean: unknown[], standard: unknown[], hint: string): void {
  for (const [index, item] of standard.entries()) {
    assert.deepEqual(lean[index], item, `${what} ${index} differs ${hint}`)
  }
  assert.deepEqual(lean.slice(standard.length), [], `a ${what} too many ${hint}`)
}
