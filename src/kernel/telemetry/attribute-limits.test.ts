import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'

import { logLimitsAreWide, spanLimits, spanLimitsAreWide } from './attribute-limits.ts'

const given = new Set<string>()

afterEach(() => {
  for (const name of given) delete process.env[name]
  given.clear()
})

describe('spanLimits', () => {
  it('has none unless told', () => {
    assert.deepEqual(spanLimits(), {})
  })

  it('reads each of its variables', () => {
    give({
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '2',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '3',
      OTEL_SPAN_LINK_COUNT_LIMIT: '4',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '5',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '6',
    })

    assert.deepEqual(spanLimits(), {
      attributeCountLimit: 1,
      attributeValueLengthLimit: 2,
      eventCountLimit: 3,
      linkCountLimit: 4,
      attributePerEventCountLimit: 5,
      attributePerLinkCountLimit: 6,
    })
  })

  it('takes the general limits where spans have none of their own', () => {
    give({ OTEL_ATTRIBUTE_COUNT_LIMIT: '7', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '8' })

    assert.deepEqual(spanLimits(), { attributeCountLimit: 7, attributeValueLengthLimit: 8 })
  })
})

describe('whether limits are wide', () => {
  it('is so unless told otherwise', () => {
    assert.equal(spanLimitsAreWide(), true)
    assert.equal(logLimitsAreWide(), true)
  })

  const narrowing: [string, string, { span: boolean; log: boolean }][] = [
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '31', { span: false, log: true }],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '32', { span: true, log: true }],
    ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', '1000', { span: false, log: true }],
    ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', '3', { span: true, log: false }],
    ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', '64', { span: true, log: false }],
    ['OTEL_ATTRIBUTE_COUNT_LIMIT', '5', { span: false, log: false }],
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '64', { span: false, log: false }],
  ]
  for (const [name, value, { span, log }] of narrowing) {
    it(`${name}=${value}: spans ${span}, log records ${log}`, () => {
      give({ [name]: value })

      assert.equal(spanLimitsAreWide(), span)
      assert.equal(logLimitsAreWide(), log)
    })
  }
})

function give(variables: Record<string, string>): void {
  for (const name of Object.keys(variables)) given.add(name)
  Object.assign(process.env, variables)
}
