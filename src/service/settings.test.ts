import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { settings } from './settings.ts'

describe('settings', () => {
  it('needs nothing', () => {
    assert.deepEqual(settings.parse({}), { DEMO_ROUTES: false })
  })

  it('takes the name of a time zone', () => {
    assert.equal(settings.parse({ TZ: 'Asia/Shanghai' }).TZ, 'Asia/Shanghai')
    assert.equal(settings.parse({ TZ: 'UTC' }).TZ, 'UTC')
  })

  it('refuses what is no time zone, and says what was given', () => {
    const { error } = settings.safeParse({ TZ: 'Mars/Olympus' })

    assert.deepEqual(
      error?.issues.map(({ path, message }) => [path[0], message]),
      [['TZ', 'expected a time zone such as Europe/Berlin, got "Mars/Olympus"']],
    )
  })

  it('has demonstration routes for whoever asks for them', () => {
    assert.equal(settings.parse({ DEMO_ROUTES: 'true' }).DEMO_ROUTES, true)
    assert.equal(settings.parse({ DEMO_ROUTES: 'false' }).DEMO_ROUTES, false)
    assert.equal(
      settings.safeParse({ DEMO_ROUTES: 'yes' }).error?.issues[0]?.message,
      'expected true or false, got "yes"',
    )
  })
})
