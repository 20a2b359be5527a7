import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { prettyPrinter } from './pretty-printer.ts'

const evil = 'a\nFORGED\r\u2028b\u0085c\u009b31md\u001b[2Je\u0007'
const evilStack = `Error: ${evil}\n    at here`

describe('prettyPrinter', () => {
  it('prints time, level, message and fields on one line', () => {
    const text = printed({ level: 'info', msg: 'listening', port: 8080, host: { name: 'x' } })

    assert.match(
      withoutColours(text),
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"port":8080,"host":\{"name":"x"\}\}\n$/,
    )
  })

  it('leaves out the service and the span, which a person does not need', () => {
    const text = printed({ service: 'greeting', span_id: 'abcd', trace_id: 'ef01', msg: 'x' })

    assert.doesNotMatch(text, /greeting|abcd/)
    assert.match(text, /ef01/)
  })

  it('uses colours', () => {
    // oxlint-disable-next-line no-control-regex
    assert.match(printed({ msg: 'x' }), /\u001b\[32mINFO/)
  })

  it('shows control characters of a message instead of obeying them', () => {
    const text = printed({ msg: evil })

    assertOneRecord(text)
    assert.match(text, /a\\u000aFORGED\\u000d\\u2028b\\u0085c\\u009b31md\\u001b\[2Je\\u0007/)
  })

  it('shows control characters of keys and values at any depth', () => {
    assertOneRecord(printed({ msg: 'x', [evil]: evil, n: { [evil]: [evil, { [evil]: evil }] } }))
  })

  it('shows control characters of the fields that it prints in places of their own', () => {
    const parts = {
      name: evil,
      pid: evil,
      hostname: evil,
      caller: evil,
      trace_id: evil,
      time: evil,
    }

    assertOneRecord(printed({ msg: 'x', ...parts }))
  })

  it('shows control characters of a level that a record made up', () => {
    assertOneRecord(printed({ msg: 'x', level: evil }))
  })

  it('indents the lines of a stack', () => {
    const text = printed({ level: 'error', msg: 'x', err: { type: 'Error', stack: evilStack } })

    assertOneRecord(text)
    assert.match(text, /\n +Error: a\n +FORGED\\u000d/)
    assert.match(text, /\n +at here\n/)
  })

  it('indents the stacks of causes and of aggregated errors', () => {
    const inner = { type: 'Error', message: evil, stack: evilStack, [evil]: evil }
    const err = { ...inner, cause: { ...inner, cause: inner }, errors: [inner] }

    assertOneRecord(printed({ level: 'error', msg: evil, err }))
    assertOneRecord(printed({ level: 'error', msg: evil, error: err }))
  })

  it('indents a stack that stands where no error is', () => {
    assertOneRecord(printed({ msg: 'x', stack: evilStack }))
    assertOneRecord(printed({ msg: 'x', type: 'Error', stack: evilStack }))
    assertOneRecord(printed({ msg: 'x', a: { stack: evilStack, b: [{ stack: evilStack }] } }))
  })

  it('shows control characters of an err that is only text', () => {
    assertOneRecord(printed({ msg: 'x', err: evil }))
  })

  it('takes a stack that is no text as any other field', () => {
    assertOneRecord(printed({ msg: 'x', err: { type: 'Error', stack: { lines: [evil] } } }))
  })
})

function printed(fields: Record<string, unknown>): string {
  const line = JSON.stringify({ level: 'info', time: '2026-01-02T03:04:05.678Z', ...fields })
  return prettyPrinter()(`${line}\n`)
}

/** One line at the margin, further ones indented, and nothing but colours that a terminal would act on. */
function assertOneRecord(text: string): void {
  const plain = withoutColours(text)
  assert.match(plain, /^[^\n]+\n(?: {4}[^\n]*\n)*$/)
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(plain, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/)
}

function withoutColours(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[\d+m/g, '')
}
