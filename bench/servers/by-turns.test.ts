import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { byTurns } from './by-turns.ts'

describe('byTurns', () => {
  it('does one thing at a time, and the first of all before the second of any', async () => {
    const turn = byTurns()
    const done: string[] = []
    let running = 0
    const worker = async (name: string, millis: number) => {
      for (const step of [1, 2, 3]) {
        await turn(async () => {
          running += 1
          assert.equal(running, 1)
          await sleep(millis)
          running -= 1
          done.push(`${name}${step}`)
        })
      }
    }

    await Promise.all([worker('a', 5), worker('b', 1), worker('c', 3)])

    assert.deepEqual(done, ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
  })

  it('goes on without one that fails', async () => {
    const turn = byTurns()
    const failing = turn(() => Promise.reject(new Error('no')))
    const next = turn(async () => 'yes')

    await assert.rejects(failing, /no/)
    assert.equal(await next, 'yes')
  })
})
