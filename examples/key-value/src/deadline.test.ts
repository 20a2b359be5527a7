import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { DeadlineError, within } from './deadline.ts'

describe('within', () => {
  it('gives what the work gives, its failure too', async () => {
    assert.equal(await within(1000, Promise.resolve(7)), 7)
    await assert.rejects(within(1000, Promise.reject(new TypeError('x'))), TypeError)
  })

  it('fails after the deadline, and leaves late failures to nobody', async () => {
    const late = sleep(40).then(() => {
      throw new Error('late')
    })

    await assert.rejects(within(10, late), DeadlineError)
    await sleep(60)
  })

  it('takes an answer that came while the event loop was blocked', async () => {
    const answered = new Promise((resolve) => setImmediate(resolve, 'answer'))
    const answer = within(5, answered)
    const until = performance.now() + 30
    while (performance.now() < until);

    assert.equal(await answer, 'answer')
  })
})
