import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { exportMethod } from '../../test/support/otlp/export-method.ts'
import { countRecords } from './count-records.ts'

describe('countRecords', () => {
  it('counts the spans of all resources and scopes, whatever else they hold', () => {
    const span = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), name: 'GET /' }
    const attributes = [{ key: 'a', value: { stringValue: 'b'.repeat(300) } }]
    const message = exportMethod('traces').requestSerialize({
      resourceSpans: [
        {
          resource: { attributes },
          scopeSpans: [
            { scope: { name: 'one' }, spans: [span, { ...span, attributes }] },
            { spans: [span] },
          ],
        },
        { scopeSpans: [{ schemaUrl: 'https://example.com', spans: [span] }] },
      ],
    })

    assert.equal(countRecords(message), 4)
  })

  it('counts log records', () => {
    const record = { timeUnixNano: '1', severityNumber: 9, body: { stringValue: 'hello' } }
    const message = exportMethod('logs').requestSerialize({
      resourceLogs: [{ scopeLogs: [{ logRecords: [record, record, record] }] }],
    })

    assert.equal(countRecords(message), 3)
  })

  it('finds nothing in an empty message', () => {
    assert.equal(countRecords(new Uint8Array()), 0)
  })

  it('refuses what is cut off', () => {
    const message = exportMethod('logs').requestSerialize({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'INFO' }] }] }],
    })

    assert.throws(() => countRecords(message.subarray(0, -1)), /ends/)
  })
})
