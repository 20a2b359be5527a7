import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { SpanKind, SpanStatusCode } from '@opentelemetry/api'

import { ProtobufWriter } from './protobuf-writer.ts'
import type { SpanData } from './span.ts'
import { spanFlags, writeSpan } from './span.ts'

// That the rest of it is right is shown in official-serializer.test.ts.
describe('writeSpan', () => {
  it('leaves out what is zero or empty', () => {
    const writer = new ProtobufWriter()

    writeSpan(writer, root)

    assert.equal(
      hexBytes(writer.bytes),
      [
        '12 3d',
        '0a 10 0af7651916cd43dd8448eb211c80319c',
        '12 08 b7ad6b7169203331',
        '2a 03 474554',
        '30 02',
        '39 00ca9a3b00000000',
        '41 01ca9a3b00000000',
        '7a 00',
        '8501 01010000',
      ]
        .join('')
        .replaceAll(' ', ''),
    )
  })

  it('follows what is in the writer already', () => {
    const writer = new ProtobufWriter()
    writeSpan(writer, root)
    const first = hexBytes(writer.bytes)

    writeSpan(writer, root)

    assert.equal(hexBytes(writer.bytes), first + first)
  })
})

describe('spanFlags', () => {
  it('keeps the byte of W3C and says whether the context came from elsewhere', () => {
    assert.equal(spanFlags(1, false), 0x101)
    assert.equal(spanFlags(0xffff, false), 0x1ff)
    assert.equal(spanFlags(0, true), 0x300)
  })
})

const root: SpanData = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '',
  parentIsRemote: false,
  traceState: '',
  traceFlags: 1,
  name: 'GET',
  kind: SpanKind.SERVER,
  startTime: [1, 0],
  endTime: [1, 1],
  attributes: {},
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: { code: SpanStatusCode.UNSET },
}

function hexBytes(bytes: Buffer): string {
  return bytes.toString('hex')
}
