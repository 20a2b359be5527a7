import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { SeverityNumber } from '@opentelemetry/api'

import { writeLogRecord } from './log-record.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

// That the rest of it is right is shown in official-serializer.test.ts.
describe('writeLogRecord', () => {
  it('leaves out what is zero or empty', () => {
    const writer = new ProtobufWriter()

    writeLogRecord(writer, {
      time: [1, 0],
      observedTime: [1, 1],
      severityNumber: SeverityNumber.UNSPECIFIED,
      severityText: '',
      body: undefined,
      attributes: {},
      droppedAttributesCount: 0,
      traceFlags: 0,
      traceId: '',
      spanId: '',
      eventName: '',
    })

    assert.equal(
      writer.bytes.toString('hex'),
      '12 12 09 00ca9a3b00000000 59 01ca9a3b00000000'.replaceAll(' ', ''),
    )
  })
})
