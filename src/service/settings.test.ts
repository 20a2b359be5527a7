import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { settings } from './settings.ts'

describe('settings', () => {
  it('needs nothing', () => {
    assert.deepEqual(settings.parse({}), {})
  })

  it('takes the name of a time zone', () => {
    assert.deepEqual(settings.parse({ TZ: 'Asia/Shanghai' }), { TZ: 'Asia/Shanghai' })
    assert.deepEqual(settings.parse({ TZ: 'UTC' }), { TZ: 'UTC' })
  })

  it('refuses what is no time zone, and says what was given', () => {
    const { error } = settings.safeParse({ TZ: 'Mars/Olympus' })

    assert.deepEqual(
      error?.issues.map(({ path, message }) => [path[0], message]),
      [['TZ', 'expected a time zone such as Europe/Berlin, got "Mars/Olympus"']],
    )
  })
})
