import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { describe, it } from 'node:test'

import { Backlog } from './backlog.ts'

describe('Backlog', () => {
  it('does nothing before it has some to do', () => {
    const { backlog, done } = observedBacklog()

    addSome(63)

    assert.deepEqual(done, [])
    addSome(1)
    assert.equal(done.length, 64)

    function addSome(count: number): void {
      for (let job = 0; job < count; job += 1) backlog.add({ run: () => done.push(job) })
    }
  })

  it('settles in the order in which jobs came, each once', () => {
    const { backlog, done } = observedBacklog()
    for (const job of [1, 2, 3]) backlog.add({ run: () => done.push(job) })

    backlog.settle()
    backlog.settle()

    assert.deepEqual(done, [1, 2, 3])
  })

  it('waits for 50 ms from the first job on, again and again', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { backlog, done } = observedBacklog()
    for (const round of [1, 2]) {
      backlog.add({ run: () => done.push(round) })
      t.mock.timers.tick(49)
      backlog.add({ run: () => done.push(round) })
      assert.equal(done.length, 2 * (round - 1))

      t.mock.timers.tick(1)

      assert.equal(done.length, 2 * round)
    }
  })

  it('lets a job settle, which does those behind it, and add', () => {
    const { backlog, done } = observedBacklog()
    backlog.add({
      run() {
        done.push(1)
        backlog.add({ run: () => done.push(3) })
        backlog.settle()
        done.push(4)
      },
    })
    backlog.add({ run: () => done.push(2) })

    backlog.settle()
    backlog.settle()

    assert.deepEqual(done, [1, 2, 3, 4])
  })

  it("is nobody's work, whoever sets its timer", async () => {
    const storage = new AsyncLocalStorage<string>()
    const backlog = new Backlog()

    const seen = await storage.run(
      'a request',
      () => new Promise((tell) => backlog.add({ run: () => tell(storage.getStore()) })),
    )

    assert.equal(seen, undefined)
  })

  it("makes a bug in a job nobody else's, and loses no other job", async (t) => {
    const { backlog, done } = observedBacklog()
    const bug = new Error('a bug')
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    t.after(() => others.forEach((listener) => process.on('uncaughtException', listener)))
    const uncaught = once(process, 'uncaughtException')
    backlog.add({
      run() {
        throw bug
      },
    })
    backlog.add({ run: () => done.push(2) })

    backlog.settle()

    assert.deepEqual(done, [2])
    assert.equal((await uncaught)[0], bug)
  })
})

function observedBacklog(): { backlog: Backlog; done: number[] } {
  return { backlog: new Backlog(), done: [] }
}
