import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { exportMethod } from '../../../../../test/support/otlp/export-method.ts'
import { receivedSpans } from '../../../../../test/support/otlp/received-span.ts'
import { BatchHead } from './batch-head.ts'
import { testHead } from './testing/framed.ts'
import { bytesField, resourceBytes, spanRecord } from './testing/protobuf.ts'

describe('BatchHead', () => {
  it('makes a message of records, whatever their length', () => {
    for (const padding of [0, 100, 200, 20_000, 3_000_000]) {
      const record = spanRecord('a span', padding)

      assert.deepEqual(
        spansIn(message(testHead, record)).map(({ name, traceState }) => [name, traceState.length]),
        [['a span', padding]],
      )
    }
  })

  it('holds several fields of the resource and of the scope', () => {
    const schemaUrl = bytesField(3, 'https://example.test/schema')
    const head = new BatchHead(
      Buffer.concat([resourceBytes, schemaUrl]),
      Buffer.concat([bytesField(1, bytesField(1, 'mine')), schemaUrl]),
    )

    const [span] = spansIn(message(head, spanRecord('a span')))

    assert.equal(span?.scope, 'mine')
    assert.deepEqual(span?.resource, { 'service.name': 'test' })
  })

  it('needs neither of them', () => {
    const head = new BatchHead(Buffer.alloc(0), Buffer.alloc(0))

    assert.equal(spansIn(message(head, spanRecord('a span')))[0]?.name, 'a span')
  })
})

function message(head: BatchHead, record: Buffer): Buffer {
  const buffer = Buffer.alloc(head.length + record.length, 0xff)
  head.writeTo(buffer)
  buffer.set(record, head.length)
  head.writeLengths(buffer, buffer.length)
  return buffer
}

function spansIn(framed: Buffer) {
  return receivedSpans(exportMethod('traces').requestDeserialize(framed.subarray(5)))
}
