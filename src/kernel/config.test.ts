import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { z } from 'zod'

import { readSettings } from './config.ts'
import { StartError } from './errors.ts'

describe('readSettings', () => {
  it('reads what the kernel and what the service asks for', () => {
    const { kernel, service } = readSettings(colours, { PORT: '9000', COLOUR: 'teal' })

    assert.equal(kernel.PORT, 9000)
    assert.deepEqual(service, { COLOUR: 'teal', SHADES: 3 })
  })

  it('lists every mistake of kernel and service at once, a line each', () => {
    const complaint = complaintAbout({ PORT: 'abc', DRAIN_SECONDS: '-1', SHADES: 'many' })

    assert.deepEqual(complaint.split('\n'), [
      'Cannot start: 4 settings are wrong.',
      '  PORT: expected a port number from 0 to 65535, got "abc"',
      '  DRAIN_SECONDS: expected a number of seconds, 0 or more, got "-1"',
      '  COLOUR: Invalid input: expected string, received undefined',
      '  SHADES: Invalid input: expected number, received NaN',
    ])
  })

  it('speaks of one mistake in the singular', () => {
    const complaint = complaintAbout({ COLOUR: 'teal', PORT: '65536' })

    assert.deepEqual(complaint.split('\n'), [
      'Cannot start: a setting is wrong.',
      '  PORT: expected a port number from 0 to 65535, got "65536"',
    ])
  })

  it('refuses to start for a mistake of the service alone', () => {
    const complaint = complaintAbout({ PORT: '9000' })

    assert.match(complaint, /\n {2}COLOUR: .*undefined$/)
  })

  it('names the variable of a list, not the place in it', () => {
    const complaint = complaintAbout({ COLOUR: 'teal', OTEL_TRACES_EXPORTER: 'otlp,zipkin' })

    assert.match(
      complaint,
      /\n {2}OTEL_TRACES_EXPORTER: expected one of otlp, console, none, got "zipkin"$/,
    )
  })

  it('takes the default of the service for what is unset', () => {
    const defaults = { PORT: '8082', COLOUR: 'grey' }

    assert.equal(readSettings(colours, { PORT: ' ' }, defaults).kernel.PORT, 8082)
    assert.equal(readSettings(colours, { PORT: '9000' }, defaults).kernel.PORT, 9000)
    assert.equal(readSettings(colours, {}, defaults).service.COLOUR, 'grey')
  })

  it('takes empty text for unset', () => {
    const { kernel, service } = readSettings(colours, {
      PORT: '',
      OPS_PORT: ' ',
      COLOUR: 'teal',
      SHADES: '\t',
    })

    assert.equal(kernel.PORT, 8080)
    assert.equal(kernel.OPS_PORT, undefined)
    assert.equal(service.SHADES, 3)
  })

  it('takes empty text for unset where the service insists on a value', () => {
    assert.match(complaintAbout({ COLOUR: '' }), /COLOUR: /)
  })

  it('ignores blanks around a value', () => {
    const { kernel, service } = readSettings(colours, { PORT: ' 9000 ', COLOUR: ' teal\n' })

    assert.equal(kernel.PORT, 9000)
    assert.equal(service.COLOUR, 'teal')
  })

  it('ignores variables that nobody asks for', () => {
    const { kernel, service } = readSettings(colours, { COLOUR: 'teal', HOME: '/home/someone' })

    assert.ok(!('HOME' in kernel))
    assert.ok(!('HOME' in service))
  })
})

const colours = z.object({ COLOUR: z.string(), SHADES: z.coerce.number().default(3) })

function complaintAbout(environment: NodeJS.ProcessEnv): string {
  try {
    readSettings(colours, environment)
  } catch (error) {
    assert.ok(error instanceof StartError)
    return error.message
  }
  assert.fail('The settings were accepted.')
}
