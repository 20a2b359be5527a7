import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

import { EncodingSpanProcessor } from './encoding-span-processor.ts'

describe('EncodingSpanProcessor', () => {
  it('hands over one record a span', () => {
    const { records, processor } = processorOnPaper()
    const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test')

    tracer.startSpan('first').end()
    tracer.startSpan('second').end()

    assert.deepEqual(
      records.map((record) => [record.includes('first'), record.includes('second')]),
      [
        [true, false],
        [false, true],
      ],
    )
  })

  it('loses what cannot be encoded, and not the span with it', () => {
    const { records, processor } = processorOnPaper()
    const span = new TracerProvider({ spanProcessors: [] }).getTracer('test').startSpan('deep')
    let deep: unknown = 'bottom'
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    Object.assign(span, { attributes: { deep, other: 1 } })
    span.end()

    processor.onEnd(span as unknown as ReadableSpan)

    assert.equal(records.length, 1)
    assert.ok(records[0]?.includes('deep'))
    // Field 10, dropped_attributes_count: 2.
    assert.ok(records[0]?.includes(Buffer.of(0x50, 2)))
  })
})

function processorOnPaper() {
  const records: Buffer[] = []
  const processor = new EncodingSpanProcessor({
    position: 0,
    view: new DataView(new ArrayBuffer(0)),
    reserve: () => undefined,
    commit() {},
    append: (record) => void records.push(Buffer.from(record)),
  })
  return { records, processor }
}
