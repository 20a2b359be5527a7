import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core'

import { SpanInContext } from './span-in-context.ts'

const span = trace.wrapSpanContext({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: 1,
})
const key = createContextKey('for the test')

describe('SpanInContext', () => {
  it('has its span and no other', () => {
    const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId: '', spanId: '', traceFlags: 0 })

    assert.equal(trace.getSpan(new SpanInContext(ROOT_CONTEXT, { span })), span)
    assert.equal(trace.getSpan(new SpanInContext(parent, { span })), span)
  })

  it('has all that its parent has', () => {
    const baggage = propagation.createBaggage({ a: { value: 'b' } })
    const context = new SpanInContext(propagation.setBaggage(ROOT_CONTEXT, baggage), {
      span,
    })

    assert.equal(propagation.getBaggage(context), baggage)
    assert.equal(context.getValue(key), undefined)
  })

  it('is not changed by what is set in it or taken out', () => {
    const context = new SpanInContext(ROOT_CONTEXT.setValue(key, 1), { span })

    const set = context.setValue(key, 2)
    const without = context.deleteValue(key)

    assert.deepEqual(
      [context, set, without].map((each) => each.getValue(key)),
      [1, 2, undefined],
    )
    for (const each of [set, without]) assert.equal(trace.getSpan(each), span)
  })

  it('takes another span, or none', () => {
    const context = new SpanInContext(ROOT_CONTEXT, { span })
    const other = trace.wrapSpanContext({ ...span.spanContext(), spanId: 'c'.repeat(16) })

    assert.equal(trace.getSpan(trace.setSpan(context, other)), other)
    assert.equal(trace.getSpan(trace.deleteSpan(context)), undefined)
    assert.equal(trace.getSpan(context), span)
  })

  it('can be one in which nothing is traced', () => {
    assert.equal(
      isTracingSuppressed(suppressTracing(new SpanInContext(ROOT_CONTEXT, { span }))),
      true,
    )
  })
})
