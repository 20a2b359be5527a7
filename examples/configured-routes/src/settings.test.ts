import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { settings } from './settings.ts'

describe('settings', () => {
  it('need the file, and look at it once a second', () => {
    assert.deepEqual(settings.parse({ CONFIG_FILE: 'routes.yaml' }), {
      CONFIG_FILE: 'routes.yaml',
      CONFIG_POLL_SECONDS: 1,
    })
  })

  it('say how to give the file', () => {
    assert.deepEqual(mistakes({}), [
      'CONFIG_FILE: no configuration file is given; say --config FILE, or set this variable',
    ])
  })

  it('never look without a pause', () => {
    assert.deepEqual(mistakes({ CONFIG_FILE: 'a', CONFIG_POLL_SECONDS: '0' }), [
      'CONFIG_POLL_SECONDS: expected a number of seconds above 0, got "0"',
    ])
  })

  it('take the password in one way, not in two', () => {
    assert.deepEqual(mistakes({ CONFIG_FILE: 'a', DB_PASS: 'x', DB_PASS_FILE: '/y' }), [
      'DB_PASS_FILE: expected to be the only one: DB_PASS is set, too',
    ])
  })
})

function mistakes(environment: Record<string, string>): string[] {
  const { error } = settings.safeParse(environment)
  return (error?.issues ?? []).map(({ path, message }) => `${String(path[0])}: ${message}`)
}
