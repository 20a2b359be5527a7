import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'

import { clockIn } from './clock.ts'

describe('clockIn', () => {
  it('writes date and time of the zone', () => {
    const time = new Date('2026-03-05T20:07:09.999Z')

    assert.equal(clockIn('UTC')(time), '2026-03-05 20:07:09')
    assert.equal(clockIn('Asia/Shanghai')(time), '2026-03-06 04:07:09')
  })

  it('knows summer time', () => {
    const clock = clockIn('Europe/Berlin')

    assert.equal(clock(new Date('2026-01-01T12:00:00Z')), '2026-01-01 13:00:00')
    assert.equal(clock(new Date('2026-07-01T12:00:00Z')), '2026-07-01 14:00:00')
  })

  it('counts hours from 00', () => {
    assert.equal(clockIn('UTC')(new Date('2026-01-01T00:00:00Z')), '2026-01-01 00:00:00')
  })

  it("is the machine's zone unless given", (t) => {
    const time = new Date('2026-03-05T20:07:09Z')
    t.mock.method(Temporal.Now, 'timeZoneId', () => 'Asia/Shanghai')

    assert.equal(clockIn(undefined)(time), '2026-03-06 04:07:09')
  })

  it('is UTC where the machine has no zone: in a container whose TZ is empty', () => {
    const program = `import { clockIn } from ${JSON.stringify(import.meta.resolve('./clock.ts'))}
      process.stdout.write(clockIn()(new Date('2026-03-05T20:07:09Z')))`
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      env: { TZ: '' },
      encoding: 'utf8',
    })

    assert.equal(said, '2026-03-05 20:07:09')
  })
})
