import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { loadSync } from '@grpc/proto-loader'

import {
  anyValueTags,
  eventTags,
  exportRequestTags,
  keyValueTags,
  linkTags,
  listTags,
  logRecordTags,
  resourceLogsTags,
  resourceSpansTags,
  resourceTags,
  scopeLogsTags,
  scopeSpansTags,
  scopeTags,
  spanTags,
  statusTags,
} from './fields.ts'

const trace = 'opentelemetry.proto.collector.trace.v1'
const logs = 'opentelemetry.proto.collector.logs.v1'
const common = 'opentelemetry.proto.common.v1'

describe('the tags', () => {
  it('of requests are those of the specification', () => {
    const { resourceSpans, resourceLogs } = exportRequestTags

    assert.deepEqual({ resourceSpans }, tagsOf(`${trace}.ExportTraceServiceRequest`))
    assert.deepEqual({ resourceLogs }, tagsOf(`${logs}.ExportLogsServiceRequest`))
  })

  it('of what groups are those of the specification', () => {
    assert.deepEqual(resourceSpansTags, tagsOf(`${trace}.ResourceSpans`))
    assert.deepEqual(scopeSpansTags, tagsOf(`${trace}.ScopeSpans`))
    assert.deepEqual(resourceLogsTags, tagsOf(`${logs}.ResourceLogs`))
    assert.deepEqual(scopeLogsTags, tagsOf(`${logs}.ScopeLogs`))
    assert.deepEqual(resourceTags, tagsOf(`${common}.Resource`))
    assert.deepEqual(scopeTags, tagsOf(`${common}.InstrumentationScope`))
  })

  it('of values are those of the specification', () => {
    assert.deepEqual(keyValueTags, tagsOf(`${common}.KeyValue`))
    assert.deepEqual(anyValueTags, tagsOf(`${common}.AnyValue`))
    assert.deepEqual(listTags, tagsOf(`${common}.ArrayValue`))
    assert.deepEqual(listTags, tagsOf(`${common}.KeyValueList`))
  })

  it('of spans and log records are those of the specification', () => {
    assert.deepEqual(spanTags, tagsOf(`${trace}.Span`))
    assert.deepEqual(eventTags, tagsOf(`${trace}.Span`, 'Event'))
    assert.deepEqual(linkTags, tagsOf(`${trace}.Span`, 'Link'))
    assert.deepEqual(statusTags, tagsOf(`${trace}.Status`))
    assert.deepEqual(logRecordTags, tagsOf(`${logs}.LogRecord`))
  })
})

const wireTypes: Record<string, number> = {
  TYPE_INT32: 0,
  TYPE_INT64: 0,
  TYPE_UINT32: 0,
  TYPE_BOOL: 0,
  TYPE_ENUM: 0,
  TYPE_DOUBLE: 1,
  TYPE_FIXED64: 1,
  TYPE_STRING: 2,
  TYPE_BYTES: 2,
  TYPE_MESSAGE: 2,
  TYPE_FIXED32: 5,
}

const definitions = loadSync(['traces.proto', 'logs.proto'], {
  includeDirs: [`${import.meta.dirname}/../../../../../test/support/otlp`],
})

interface MessageType {
  name: string
  field: { name: string; number: number; type: string }[]
  nestedType: MessageType[]
}

/** Of every field that the message, or the one inside it, has in the .proto file. */
function tagsOf(message: string, inner?: string): Record<string, number> {
  const outer = definitions[message]?.type as MessageType | undefined
  const type = inner === undefined ? outer : outer?.nestedType.find(({ name }) => name === inner)
  if (!type) throw new Error(`no message ${message}`)
  return Object.fromEntries(
    type.field.map(({ name, number, type }) => [name, (number << 3) | (wireTypes[type] ?? NaN)]),
  )
}
