// What arrives is to be the same as if the SDK had sent it: both encodings, read by the same decoder.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'

import { SeverityNumber, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { SpanContext } from '@opentelemetry/api'
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

import { exportMethod } from '../../../../../test/support/otlp/export-method.ts'
import { resourceBytes, schemaUrlBytes, scopeBytes } from './envelope.ts'
import { exportRequestTags, resourceLogsTags, resourceSpansTags } from './fields.ts'
import type { LogRecordData } from './log-record.ts'
import { writeLogRecord } from './log-record.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import type { SpanData, SpanEventData, SpanLinkData } from './span.ts'
import { writeSpan } from './span.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121)

const resource = resourceFromAttributes(
  { 'service.name': 'größe', 'process.pid': 7, 'process.command_args': ['node', 'main.ts'] },
  { schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' },
)

const scope = { name: 'plainsight', version: '1.2.3' }

const kinds = [
  SpanKind.INTERNAL,
  SpanKind.SERVER,
  SpanKind.CLIENT,
  SpanKind.PRODUCER,
  SpanKind.CONSUMER,
]

const statusCodes = [SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR]

const severities = [
  SeverityNumber.UNSPECIFIED,
  SeverityNumber.TRACE,
  SeverityNumber.INFO,
  SeverityNumber.FATAL4,
]

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('a value, as the SDK encodes it', () => {
  it('text of every width', () => {
    sameValues(['', 'text', 'größe', '€', '🐘', 'a\u0000b', 'x'.repeat(127), 'x'.repeat(128)])
    sameValues(['ü'.repeat(42), 'ü'.repeat(43), 'ü'.repeat(63), 'ü'.repeat(64), '€'.repeat(42)])
    sameValues(['x'.repeat(1023), '€'.repeat(1023), '€'.repeat(1024), '€'.repeat(9000)])
    sameValues(['x'.repeat(16_383), 'x'.repeat(16_384), 'x'.repeat(2_097_152)])
  })

  it('halves of surrogate pairs', () => {
    sameValues(['\ud83d', '\udc18', 'a\ud83d', '\ud83db', '\udc18\ud83d', '\ud83d\ud83d\udc18'])
    sameValues([`${'x'.repeat(70)}\ud83d`, `${'x'.repeat(2000)}\udc18`])
  })

  it('booleans', () => sameValues([true, false]))

  it('whole numbers, as far as an int64 reaches and beyond', () => {
    sameValues([0, -0, 1, -1, 127, 128, -128, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32])
    sameValues([-(2 ** 32), 2 ** 53 - 1, 2 ** 53 + 2, -(2 ** 53) - 2, 2 ** 63 - 1024, 2 ** 63])
    sameValues([-(2 ** 63), -(2 ** 63) - 2048, 1e300, Number.MAX_VALUE])
  })

  it('fractions and what is no number', () => {
    sameValues([0.5, -0.5, Number.MIN_VALUE, NaN, Infinity, -Infinity, 2 ** 53 / 3])
  })

  it('nothing', () => sameValues([null, undefined]))

  it('bytes', () => {
    sameValues([new Uint8Array(), Uint8Array.of(0, 255, 128), Buffer.alloc(300, 7)])
  })

  it('lists, mixed and nested and with holes', () => {
    // oxlint-disable-next-line no-sparse-arrays
    sameValues([[], ['a', 'b'], [1, 'a', null, undefined, true, 0.5], [[], [[1]]], [1, , 3]])
    sameValues([Array.from({ length: 300 }, (_, index) => index)])
  })

  it('maps, empty and nested and with values missing', () => {
    sameValues([{}, { a: 1 }, { a: { b: { c: ['d'] } } }, { a: undefined, b: null, '': '' }])
    sameValues([Object.create(null), { 10: 'ten', 9: 'nine', z: 'z' }])
    sameValues([Object.create({ inherited: true }, { own: { value: 1, enumerable: true } })])
  })

  it('what has no counterpart', () => {
    sameValues([10n, Symbol('a'), () => 1, new Date(0), new Map([[1, 2]]), /a/u])
  })
})

describe('a span, as the SDK encodes it', () => {
  it('with the least in it', () => sameSpans([spanWith({})]))

  it('of every kind', () => {
    sameSpans(kinds.map((kind) => spanWith({ kind })))
  })

  it('with a parent, here and elsewhere', () => {
    sameSpans([
      spanWith({ parentSpanId: '00f067aa0ba902b7' }),
      spanWith({ parentSpanId: '00f067aa0ba902b7', parentIsRemote: true }),
      spanWith({ parentSpanId: 'ABCDEF0123456789', traceFlags: 0 }),
    ])
  })

  it('with trace state and flags', () => {
    sameSpans([0, 1, 2, 255, 257].map((traceFlags) => spanWith({ traceState: 'a=1', traceFlags })))
  })

  it('with every status', () => {
    sameSpans([
      spanWith({ status: { code: SpanStatusCode.UNSET } }),
      spanWith({ status: { code: SpanStatusCode.OK } }),
      spanWith({ status: { code: SpanStatusCode.ERROR, message: 'größer\ud800' } }),
      spanWith({ status: { code: SpanStatusCode.ERROR, message: '' } }),
    ])
  })

  it('with events and links', () => {
    const time: [number, number] = [1_790_000_000, 5]
    const link = { traceId, spanId, isRemote: false, traceState: '', traceFlags: 1 }
    sameSpans([
      spanWith({ events: [{ name: '', time }] }),
      spanWith({ events: [{ name: 'e', time, attributes: { a: 1 }, droppedAttributesCount: 3 }] }),
      spanWith({ links: [link, { ...link, isRemote: true, traceState: 'a=1,b=2' }] }),
      spanWith({ links: [{ ...link, attributes: { a: 'b' }, droppedAttributesCount: 128 }] }),
    ])
  })

  it('with what was dropped', () => {
    sameSpans(
      [1, 128, 2 ** 31, 2 ** 32 - 1].map((dropped) =>
        spanWith({
          droppedAttributesCount: dropped,
          droppedEventsCount: dropped,
          droppedLinksCount: dropped,
        }),
      ),
    )
  })

  it('at any time that eight bytes can hold', () => {
    const times: [number, number][] = [
      [0, 0],
      [0, 1],
      [4, 294_967_295],
      [4, 294_967_296],
      [1_790_000_000, 999_999_999],
      [2 ** 32, 0],
      [18_446_744_073, 709_551_615],
    ]
    sameSpans(times.map((time) => spanWith({ startTime: time, endTime: time })))
  })

  it('100 000 of them at random', () => {
    const random = generatorOf(seed)
    inBatches(100_000, () => sameSpans(listOf(250, () => randomSpan(random))))
  })
})

describe('a log record, as the SDK encodes it', () => {
  it('with the least in it', () => sameLogRecords([logRecordWith({})]))

  it('with every severity', () => {
    sameLogRecords(severities.map((severityNumber) => logRecordWith({ severityNumber })))
    sameLogRecords([logRecordWith({ severityText: 'warn' })])
  })

  it('in a trace, sampled or not', () => {
    sameLogRecords([0, 1, 255].map((traceFlags) => logRecordWith({ traceId, spanId, traceFlags })))
  })

  it('with a body that is no text', () => {
    sameLogRecords([null, '', 0, { a: [1] }].map((body) => logRecordWith({ body })))
  })

  it('with an event and what was dropped', () => {
    sameLogRecords([logRecordWith({ eventName: 'e', droppedAttributesCount: 300 })])
  })

  it('100 000 of them at random', () => {
    const random = generatorOf(seed + 1)
    inBatches(100_000, () => sameLogRecords(listOf(250, () => randomLogRecord(random))))
  })
})

describe('what is round them, as the SDK encodes it', () => {
  it('a resource and a scope without version and schema', () => {
    const bare = { resource: resourceFromAttributes({}), scope: { name: '' } }

    sameSpans([spanWith({})], bare)
    sameLogRecords([logRecordWith({})], bare)
  })
})

const decodeSpans = exportMethod('traces').requestDeserialize
const decodeLogRecords = exportMethod('logs').requestDeserialize

function sameValues(values: readonly unknown[]): void {
  sameLogRecords(values.map((value) => logRecordWith({ body: value, attributes: { value } })))
}

interface Origin {
  resource: ReadableSpan['resource']
  scope: { name: string; version?: string }
}

const origin: Origin = { resource, scope }

function sameSpans(spans: readonly SpanData[], from = origin): void {
  const ours = decodeSpans(
    requestOf(from, exportRequestTags.resourceSpans, resourceSpansTags.scopeSpans, (writer) => {
      for (const span of spans) writeSpan(writer, span)
    }),
  )
  const theirs = decodeSpans(
    Buffer.from(bytesOf(ProtobufTraceSerializer.serializeRequest(spans.map(readableSpan(from))))),
  )
  assertSame(ours, theirs)
}

function sameLogRecords(records: readonly LogRecordData[], from = origin): void {
  const ours = decodeLogRecords(
    requestOf(from, exportRequestTags.resourceLogs, resourceLogsTags.scopeLogs, (writer) => {
      for (const record of records) writeLogRecord(writer, record)
    }),
  )
  const theirs = decodeLogRecords(
    Buffer.from(
      bytesOf(ProtobufLogsSerializer.serializeRequest(records.map(readableRecord(from)))),
    ),
  )
  assertSame(ours, theirs)
}

/** The difference of a whole batch is unreadable and slow to make: only the first item that differs is shown. */
function assertSame(ours: object, theirs: object): void {
  if (isDeepStrictEqual(ours, theirs)) return
  const items = itemsOf(ours)
  for (const [index, theirItem] of itemsOf(theirs).entries()) {
    assert.deepEqual(items[index], theirItem, `item ${index} differs, with FUZZ_SEED=${seed}`)
  }
  assert.deepEqual(ours, theirs, `with FUZZ_SEED=${seed}`)
}

function itemsOf(request: object): unknown[] {
  const { resourceSpans, resourceLogs } = request as {
    resourceSpans?: { scopeSpans: { spans: unknown[] }[] }[]
    resourceLogs?: { scopeLogs: { logRecords: unknown[] }[] }[]
  }
  return [
    ...(resourceSpans?.[0]?.scopeSpans[0]?.spans ?? []),
    ...(resourceLogs?.[0]?.scopeLogs[0]?.logRecords ?? []),
  ]
}

const writer = new ProtobufWriter(64)

function requestOf(
  from: Origin,
  resourceTag: number,
  scopeTag: number,
  writeItems: (writer: ProtobufWriter) => void,
): Buffer {
  writer.reset()
  const resourceStart = writer.begin(resourceTag)
  writer.writeEncoded(resourceBytes(from.resource.attributes))
  const scopeStart = writer.begin(scopeTag)
  writer.writeEncoded(scopeBytes(from.scope))
  writeItems(writer)
  writer.end(scopeStart)
  writer.writeEncoded(schemaUrlBytes(from.resource.schemaUrl))
  writer.end(resourceStart)
  return writer.bytes
}

function bytesOf(request: Uint8Array | undefined): Uint8Array {
  if (!request) throw new Error('the SDK encoded nothing')
  return request
}

function spanWith(parts: Partial<SpanData>): SpanData {
  return {
    traceId,
    spanId,
    parentSpanId: '',
    parentIsRemote: false,
    traceState: '',
    traceFlags: 1,
    name: 'GET /keys/:key',
    kind: SpanKind.SERVER,
    startTime: [1_790_000_000, 123_456_789],
    endTime: [1_790_000_000, 125_000_000],
    attributes: {},
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: SpanStatusCode.UNSET },
    ...parts,
  }
}

function logRecordWith(parts: Partial<LogRecordData>): LogRecordData {
  return {
    time: [1_790_000_000, 123_456_789],
    observedTime: [1_790_000_000, 125_000_000],
    severityNumber: SeverityNumber.UNSPECIFIED,
    severityText: '',
    body: undefined,
    attributes: {},
    droppedAttributesCount: 0,
    traceFlags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
    ...parts,
  }
}

function readableSpan({ resource, scope }: Origin): (span: SpanData) => ReadableSpan {
  return ({ traceState, traceFlags, parentSpanId, parentIsRemote, links, ...span }) => ({
    ...span,
    spanContext: () => contextOf({ ...span, traceState, traceFlags }),
    ...((parentSpanId !== '' || parentIsRemote) && {
      parentSpanContext: {
        traceId: span.traceId,
        spanId: parentSpanId,
        traceFlags,
        isRemote: parentIsRemote,
      },
    }),
    events: span.events as ReadableSpan['events'],
    links: links.map((link) => ({ ...link, context: contextOf(link) })) as ReadableSpan['links'],
    duration: [0, 0],
    ended: true,
    resource,
    instrumentationScope: scope,
  })
}

function readableRecord({ resource, scope }: Origin): (record: LogRecordData) => ReadableLogRecord {
  return ({ time, observedTime, traceId, spanId, traceFlags, ...record }) => ({
    ...record,
    hrTime: time,
    hrTimeObserved: observedTime,
    ...((traceId !== '' || traceFlags !== 0) && { spanContext: { traceId, spanId, traceFlags } }),
    resource,
    instrumentationScope: scope,
  })
}

function contextOf({
  traceId,
  spanId,
  traceState,
  traceFlags,
  isRemote,
}: Omit<SpanLinkData, 'isRemote'> & { isRemote?: boolean }): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags,
    ...(isRemote !== undefined && { isRemote }),
    ...(traceState !== '' && {
      traceState: { serialize: () => traceState } as NonNullable<SpanContext['traceState']>,
    }),
  }
}

type Random = () => number

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function generatorOf(start: number): Random {
  let state = start
  return function next() {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function inBatches(total: number, batch: () => void): void {
  for (let done = 0; done < total; done += 250) batch()
}

function randomSpan(random: Random): SpanData {
  return {
    traceId: hexOf(random, 32),
    spanId: hexOf(random, 16),
    parentSpanId: random() < 0.3 ? '' : hexOf(random, 16),
    parentIsRemote: random() < 0.5,
    traceState: random() < 0.7 ? '' : textOf(random),
    traceFlags: below(random, 256),
    name: textOf(random),
    kind: pick(random, kinds),
    startTime: timeOf(random),
    endTime: timeOf(random),
    attributes: attributesOf(random),
    droppedAttributesCount: countOf(random),
    events: listOf(few(random), () => eventOf(random)),
    droppedEventsCount: countOf(random),
    links: listOf(few(random), () => linkOf(random)),
    droppedLinksCount: countOf(random),
    status: { code: pick(random, statusCodes), ...(random() < 0.2 && { message: textOf(random) }) },
  }
}

function eventOf(random: Random): SpanEventData {
  return {
    name: textOf(random),
    time: timeOf(random),
    ...(random() < 0.5 && { attributes: attributesOf(random) }),
    ...(random() < 0.5 && { droppedAttributesCount: countOf(random) }),
  }
}

function linkOf(random: Random): SpanLinkData {
  return {
    traceId: hexOf(random, 32),
    spanId: hexOf(random, 16),
    isRemote: random() < 0.5,
    traceState: random() < 0.7 ? '' : textOf(random),
    traceFlags: below(random, 256),
    ...(random() < 0.5 && { attributes: attributesOf(random) }),
    ...(random() < 0.5 && { droppedAttributesCount: countOf(random) }),
  }
}

function randomLogRecord(random: Random): LogRecordData {
  const isTraced = random() < 0.7
  return {
    time: timeOf(random),
    observedTime: timeOf(random),
    severityNumber: pick(random, severities),
    severityText: random() < 0.3 ? '' : textOf(random),
    body: random() < 0.8 ? textOf(random) : valueOf(random, 3),
    attributes: attributesOf(random),
    droppedAttributesCount: countOf(random),
    traceFlags: below(random, 256),
    traceId: isTraced ? hexOf(random, 32) : '',
    spanId: isTraced ? hexOf(random, 16) : '',
    eventName: random() < 0.7 ? '' : textOf(random),
  }
}

function attributesOf(random: Random, depth = 3): Record<string, unknown> {
  return Object.fromEntries(
    listOf(below(random, depth * 3), () => [textOf(random), valueOf(random, depth - 1)]),
  )
}

function valueOf(random: Random, depth: number): unknown {
  const kind = below(random, depth > 0 ? 10 : 8)
  if (kind < 3) return textOf(random)
  if (kind < 5) return numberOf(random)
  if (kind === 5) return random() < 0.5
  if (kind === 6) return pick(random, [null, undefined])
  if (kind === 7) return Uint8Array.from(listOf(below(random, 40), () => below(random, 256)))
  if (kind === 8) return listOf(few(random), () => valueOf(random, depth - 1))
  return attributesOf(random, depth - 1)
}

function numberOf(random: Random): number {
  const sign = random() < 0.5 ? 1 : -1
  const special = [0, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 63 - 1024, 2 ** 64, NaN, Infinity]
  if (random() < 0.2) return sign * pick(random, special)
  const number = sign * random() * 2 ** below(random, 66)
  return random() < 0.5 ? Math.trunc(number) : number
}

function countOf(random: Random): number {
  return random() < 0.6 ? 0 : Math.floor(random() * 2 ** below(random, 33))
}

function timeOf(random: Random): [number, number] {
  const seconds = random() < 0.5 ? 1_790_000_000 : Math.floor(random() * 18_446_744_073)
  return [seconds, random() < 0.1 ? pick(random, [0, 999_999_999]) : below(random, 1_000_000_000)]
}

function textOf(random: Random): string {
  const kind = random()
  if (kind < 0.05) return ''
  if (kind < 0.7) return unitsOf(random, below(random, 30), 0x20, 0x7e)
  if (kind < 0.8) return unitsOf(random, below(random, 30), 0, 0x7ff)
  // Mostly surrogates, in no order: some make pairs by accident.
  if (kind < 0.9) return unitsOf(random, below(random, 60), 0xd700, 0xe0ff)
  if (kind < 0.999) return unitsOf(random, below(random, 200), 0x20, 0xff)
  if (kind < 0.99995) return pick(random, ['a', 'ü', '€', '🐘']).repeat(below(random, 6000))
  return pick(random, ['a', 'ü', '€', '🐘', '\udc18']).repeat(100_000)
}

function unitsOf(random: Random, length: number, from: number, to: number): string {
  let text = ''
  for (let index = 0; index < length; index += 1) {
    text += String.fromCharCode(from + below(random, to - from + 1))
  }
  return text
}

function hexOf(random: Random, digits: number): string {
  let hex = ''
  while (hex.length < digits)
    hex += below(random, 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return hex
}

function pick<item>(random: Random, items: readonly item[]): item {
  return items[below(random, items.length)] as item
}

function few(random: Random): number {
  return random() < 0.6 ? 0 : below(random, 4)
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

function listOf<item>(length: number, make: () => item): item[] {
  return Array.from({ length }, make)
}
