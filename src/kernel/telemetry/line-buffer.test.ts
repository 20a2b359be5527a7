import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { openSync } from 'node:fs'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { LineBuffer } from './line-buffer.ts'
import type { LineBufferOptions } from './line-buffer.ts'

describe('LineBuffer', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  it('keeps lines back for 200 ms from the first on, and writes them at once then, in order', () => {
    const { buffer, descriptor } = bufferOver()
    buffer.write('one\n')
    mock.timers.tick(100)
    buffer.write('two\n')
    mock.timers.tick(99)
    assert.equal(descriptor.calls, 0)

    mock.timers.tick(1)

    assert.equal(descriptor.text(), 'one\ntwo\n')
    assert.equal(descriptor.calls, 1)
  })

  it('arms itself anew for the next line', () => {
    const { buffer, descriptor } = bufferOver({ flushMillis: 20 })
    for (const line of ['one\n', 'two\n', 'three\n']) {
      buffer.write(line)
      mock.timers.tick(60)
    }

    assert.equal(descriptor.calls, 3)
    assert.equal(descriptor.text(), 'one\ntwo\nthree\n')
  })

  it('writes as soon as a batch is full', () => {
    const { buffer, descriptor } = bufferOver({ batchBytes: 10 })
    buffer.write('12345678\n')
    assert.equal(descriptor.text(), '')

    buffer.write('2\n')
    assert.equal(descriptor.text(), '12345678\n2\n')

    buffer.write('3\n')
    assert.equal(descriptor.calls, 1)
  })

  it('writes each line at once where that is asked for', () => {
    const { buffer, descriptor } = bufferOver({ immediate: true })
    buffer.write('one\n')
    buffer.write('two\n')

    assert.equal(descriptor.calls, 2)
    assert.equal(descriptor.text(), 'one\ntwo\n')
  })

  it('lets lines that were put off stand before the next one, and leave with the last', () => {
    const putOff = ['one\n']
    const { buffer, descriptor } = bufferOver({ settle: () => putOff.splice(0).forEach(put) })
    function put(line: string): void {
      const bytes = buffer.reserve(line.length)
      buffer.commit(buffer.position + (bytes?.write(line, buffer.position) ?? 0))
    }

    buffer.write('two\n')
    putOff.push('three\n')
    buffer.flushSync()

    assert.equal(descriptor.text(), 'one\ntwo\nthree\n')
  })

  it('takes bytes and text in turns', () => {
    const { buffer, descriptor } = bufferOver()
    buffer.write('text ä\n')
    put(buffer, 'bytes ö\n')
    buffer.write('text ü\n')
    put(buffer, 'bytes €\n')

    assert.equal(buffer.flushSync(), 0)
    assert.equal(descriptor.text(), 'text ä\nbytes ö\ntext ü\nbytes €\n')
  })

  it('writes nothing of a line that was begun and never committed', () => {
    const { buffer, descriptor } = bufferOver()
    buffer.reserve(100)?.write('unfinished', buffer.position)
    buffer.write('whole\n')

    buffer.flushSync()

    assert.equal(descriptor.text(), 'whole\n')
  })

  it('hands out the same memory again and again', () => {
    const { buffer } = bufferOver({ maxBytes: 1000, batchBytes: 100 })
    const memory = buffer.reserve(90)
    for (let index = 0; index < 1000; index++) put(buffer, 'x'.repeat(90))

    assert.ok(memory)
    assert.equal(buffer.reserve(90), memory)
  })

  it('tries again what the descriptor did not take, in order', () => {
    const { buffer, descriptor } = bufferOver({ batchBytes: 4, retryMillis: 10 })
    descriptor.room = 0
    buffer.write('one\n')
    buffer.write('two\n')
    assert.equal(descriptor.text(), '')

    descriptor.room = Infinity
    mock.timers.tick(40)

    assert.equal(descriptor.text(), 'one\ntwo\n')
    buffer.write('3\n')
    buffer.write('4\n')
    assert.equal(descriptor.text(), 'one\ntwo\n3\n4\n')
  })

  it('sends the rest of a partial write first, even of half a character', () => {
    const { buffer, descriptor } = bufferOver({ immediate: true, retryMillis: 5 })
    descriptor.room = 2
    buffer.write('a€z\n')
    assert.deepEqual(descriptor.bytes(), Buffer.from('a€z\n').subarray(0, 2))
    buffer.write('two\n')

    for (let step = 0; step < 20; step++) {
      descriptor.room = 1
      mock.timers.tick(10)
    }

    assert.equal(descriptor.text(), 'a€z\ntwo\n')
  })

  it('asks again soon while the descriptor takes something, and later while it takes nothing', () => {
    const { buffer, descriptor } = bufferOver({ immediate: true, retryMillis: 10 })
    descriptor.room = 1
    buffer.write('one\n')
    mock.timers.tick(1)
    assert.equal(descriptor.calls, 2)

    mock.timers.tick(9)
    assert.equal(descriptor.calls, 2)
    mock.timers.tick(1)
    assert.equal(descriptor.calls, 3)
  })

  it('does not ask a full descriptor again with every line', () => {
    const { buffer, descriptor } = bufferOver({ batchBytes: 100, immediate: true })
    descriptor.room = 0
    for (let index = 0; index < 24; index++) buffer.write('123456789\n')

    // The first line, and a batch full twice.
    assert.equal(descriptor.calls, 3)
  })

  it('takes a line that is larger than a batch, and none that is larger than all that may wait', () => {
    const { buffer, descriptor, drops } = bufferOver({ maxBytes: 1000, batchBytes: 100 })
    const large = `${'€'.repeat(333)}\n`
    buffer.write(large)
    buffer.write(`${'€'.repeat(334)}\n`)
    assert.equal(buffer.reserve(1001), undefined)
    buffer.write('small\n')

    buffer.flushSync()

    assert.equal(descriptor.text(), `${large}small\n`)
    assert.deepEqual(drops, [2])
  })

  it('drops the newest lines beyond its bound, whole, and tells how many', () => {
    const { buffer, descriptor, drops } = bufferOver({
      maxBytes: 100,
      flushMillis: 20,
      retryMillis: 5,
    })
    descriptor.room = 0
    for (let index = 10; index < 50; index++) buffer.write(`line ${index}\n`)
    assert.deepEqual(drops, [])
    mock.timers.tick(40)
    assert.deepEqual(drops, [28])

    descriptor.room = 12
    mock.timers.tick(20)
    descriptor.room = Infinity
    mock.timers.tick(20)
    buffer.write('after\n')
    buffer.flushSync()

    const kept = Array.from({ length: 12 }, (_, index) => `line ${index + 10}\n`)
    assert.equal(descriptor.text(), `${kept.join('')}after\n`)
    assert.deepEqual(drops, [28])
  })

  it('goes by batches also after it has moved what waits to the front', () => {
    const { buffer, descriptor } = bufferOver({ maxBytes: 100, batchBytes: 20, retryMillis: 10 })
    const writeLines = (count: number) => {
      for (let index = 0; index < count; index++) buffer.write('123456789\n')
    }
    descriptor.room = 0
    writeLines(10)
    descriptor.room = 90
    mock.timers.tick(10)
    writeLines(9)
    descriptor.room = 80
    mock.timers.tick(10)

    descriptor.room = Infinity
    writeLines(1)
    assert.equal(descriptor.bytes().length, 170)
    writeLines(1)
    assert.equal(descriptor.bytes().length, 210)
  })

  it('keeps order and every byte while it is drained in pieces', () => {
    const { buffer, descriptor, drops } = bufferOver({ maxBytes: 2000, batchBytes: 64 })
    descriptor.room = 0
    let expected = ''
    for (let index = 0; index < 3000; index++) {
      descriptor.room += (index * 7) % 40
      mock.timers.tick(1)
      const line = `${index} ${'ä€x'.repeat(index % 9)}\n`
      const isTaken = buffer.reserve(line.length * 3)
      if (!isTaken) continue
      expected += line
      if (index % 2 === 0) buffer.write(line)
      else put(buffer, line)
    }
    descriptor.room = Infinity
    buffer.flushSync()

    assert.equal(descriptor.text(), expected)
    assert.ok(drops.length > 0 && expected.length > 20_000)
  })

  for (const code of ['EPIPE', 'EBADF', 'EIO']) {
    it(`counts what nobody reads (${code}) as dropped, and is ready for a reader`, () => {
      const { buffer, descriptor, drops } = bufferOver({ batchBytes: 20, flushMillis: 10 })
      descriptor.room = 13
      buffer.write('123456789\n')
      buffer.write('123456789\n')
      descriptor.error = code
      buffer.write('three\n')

      mock.timers.tick(40)
      assert.deepEqual(drops, [2])

      descriptor.error = undefined
      descriptor.room = Infinity
      buffer.write('four\n')
      assert.equal(buffer.flushSync(), 0)
      assert.equal(descriptor.text(), '123456789\n123four\n')
      assert.deepEqual(drops, [2])
    })
  }

  it('keeps lines while the disk is full', () => {
    const { buffer, descriptor, drops } = bufferOver({ immediate: true, retryMillis: 10 })
    descriptor.error = 'ENOSPC'
    buffer.write('one\n')
    mock.timers.tick(30)
    descriptor.error = undefined
    mock.timers.tick(30)

    assert.equal(descriptor.text(), 'one\n')
    assert.deepEqual(drops, [])
  })

  it('survives a real disk that is full', () => {
    const buffer = new LineBuffer({ fd: openSync('/dev/full', 'w'), immediate: true })
    buffer.write('one\n')

    assert.equal(buffer.flushSync(20), 1)
  })

  it('lets its listener log', () => {
    const descriptor = fakeDescriptor()
    const buffer: LineBuffer = new LineBuffer({
      maxBytes: 30,
      flushMillis: 10,
      writeSync: descriptor.writeSync,
      onDropped: (count) => buffer.write(`dropped ${count}\n`),
    })
    buffer.write('x'.repeat(100))
    buffer.write('y'.repeat(100))
    mock.timers.tick(10)
    mock.timers.tick(10)

    assert.equal(descriptor.text(), 'dropped 2\n')
  })

  it('tells of drops outside of the request that wrote the lines', async () => {
    mock.timers.reset()
    const storage = new AsyncLocalStorage<string>()
    const contexts: (string | undefined)[] = []
    const buffer = new LineBuffer({
      maxBytes: 10,
      flushMillis: 10,
      writeSync: fakeDescriptor().writeSync,
      onDropped: () => contexts.push(storage.getStore()),
    })
    storage.run('request', () => buffer.write('longer than the bound\n'))
    await sleep(30)

    assert.deepEqual(contexts, [undefined])
  })
})

describe('LineBuffer.flushSync', () => {
  it('waits for a reader that is slow', () => {
    const { buffer, descriptor } = bufferOver()
    descriptor.beforeWrite = () => (descriptor.room = 1)
    buffer.write('slowly\n')

    assert.equal(buffer.flushSync(), 0)
    assert.equal(descriptor.text(), 'slowly\n')
    assert.equal(descriptor.calls, 7)
  })

  it('gives up at the deadline, and says how many lines are left', () => {
    const { buffer, descriptor } = bufferOver()
    descriptor.room = 2
    for (const line of ['one\n', 'two\n', 'three\n']) buffer.write(line)

    const start = performance.now()
    const left = buffer.flushSync(50)
    const millis = performance.now() - start

    assert.equal(left, 3)
    assert.ok(millis >= 50 && millis < 250)
  })

  it('waits a second time only if the reader has moved', () => {
    const { buffer, descriptor } = bufferOver()
    descriptor.room = 0
    buffer.write('one\n')
    buffer.flushSync(20)

    const start = performance.now()
    assert.equal(buffer.flushSync(), 1)
    assert.ok(performance.now() - start < 500)

    descriptor.beforeWrite = () => (descriptor.room = 1)
    assert.equal(buffer.flushSync(), 0)
    assert.equal(descriptor.text(), 'one\n')
  })

  it('may be called while it writes, and writes nothing twice', () => {
    const descriptor = fakeDescriptor()
    const left: number[] = []
    const buffer: LineBuffer = new LineBuffer({
      writeSync(...parameters) {
        left.push(buffer.flushSync(2000))
        return descriptor.writeSync(...parameters)
      },
    })
    buffer.write('one\n')

    const start = performance.now()
    assert.equal(buffer.flushSync(), 0)
    assert.ok(performance.now() - start < 1000)
    assert.deepEqual(left, [1])
    assert.equal(descriptor.text(), 'one\n')
  })

  it('keeps nothing back once it writes through', () => {
    const { buffer, descriptor } = bufferOver()
    buffer.write('one\n')
    buffer.flushSync()

    buffer.writeThrough()
    buffer.write('two\n')
    buffer.write('three\n')

    assert.equal(descriptor.text(), 'one\ntwo\nthree\n')
    assert.equal(descriptor.calls, 3)
  })

  it('costs nothing when nothing waits', () => {
    const { buffer, descriptor } = bufferOver()

    assert.equal(buffer.flushSync(), 0)
    assert.equal(buffer.flushSync(), 0)
    assert.equal(descriptor.calls, 0)
  })
})

function bufferOver(options: LineBufferOptions = {}) {
  const descriptor = fakeDescriptor()
  const drops: number[] = []
  const buffer = new LineBuffer({
    onDropped: (count) => drops.push(count),
    writeSync: descriptor.writeSync,
    ...options,
  })
  return { buffer, descriptor, drops }
}

/** Takes `room` bytes and then says EAGAIN, as a pipe does. */
function fakeDescriptor() {
  const taken: Buffer[] = []
  const descriptor = {
    calls: 0,
    room: Infinity,
    error: undefined as string | undefined,
    beforeWrite: () => {},
    bytes: () => Buffer.concat(taken),
    text: () => Buffer.concat(taken).toString(),
    writeSync(_fd: number, bytes: Buffer, offset: number, length: number): number {
      descriptor.calls += 1
      descriptor.beforeWrite()
      const code = descriptor.error ?? (descriptor.room === 0 ? 'EAGAIN' : undefined)
      if (code) throw Object.assign(new Error('not taken'), { code })
      const written = Math.min(descriptor.room, length)
      descriptor.room -= written
      taken.push(Buffer.from(bytes.subarray(offset, offset + written)))
      return written
    },
  }
  return descriptor
}

function put(buffer: LineBuffer, line: string): void {
  const bytes = buffer.reserve(line.length * 3)
  assert.ok(bytes)
  buffer.commit(buffer.position + bytes.write(line, buffer.position))
}
