import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { runToEnd, startService } from './service-process.ts'
import type { ServiceOptions } from './service-process.ts'

describe('a service process', () => {
  it('learns its port from the listening line', async () => {
    await using service = await startService(fake())

    assert.equal(service.url, 'http://127.0.0.1:4001')
    assert.equal(service.opsUrl, service.url)
    assert.equal(service.port, 4001)
    assert.ok(isAlive(service.pid))
  })

  it('learns the second port', async () => {
    await using service = await startService(fake('', { env: { OPS_PORT: '0' } }))

    assert.equal(service.opsUrl, 'http://127.0.0.1:4002')
  })

  it('inherits only PATH, HOME and TZ', async (t) => {
    process.env['OTEL_SERVICE_NAME'] = 'outer'
    t.after(() => delete process.env['OTEL_SERVICE_NAME'])

    await using service = await startService(fake('', { env: { PORT: '7', OWN: 'x' } }))

    const { env } = await service.waitForLine('starting', ({ msg }) => msg === 'starting')
    const { PATH, HOME, TZ, ...rest } = env as Record<string, string>
    assert.deepEqual(
      [PATH, HOME, TZ],
      [process.env['PATH'], process.env['HOME'], process.env['TZ']],
    )
    assert.deepEqual(rest, { PORT: '7', HOST: '127.0.0.1', OWN: 'x', FAKE: '' })
  })

  it('stops on SIGTERM and tells how', async () => {
    await using service = await startService(fake())

    assert.deepEqual(await service.stop(), { code: 3, signal: null })
    assert.equal(service.lines.at(-1)?.msg, 'stopped')
    assert.ok((await service.exited).millis > 0)
    assert.ok(!isAlive(service.pid))
  })

  it('kills a service that ignores SIGTERM, and says so', async () => {
    await using service = await startService(fake('stays'))

    await assert.rejects(service.stop(100), /still running 100 ms after SIGTERM[^]*listening/)
    assert.equal((await service.exited).signal, 'SIGKILL')
  })

  it('leaves no process behind', async () => {
    const service = await startService(fake('stays'))

    await service[Symbol.asyncDispose]()

    assert.ok(!isAlive(service.pid))
  })

  it('passes on signals', async () => {
    await using service = await startService(fake())

    service.signal('SIGINT')

    assert.partialDeepStrictEqual(await service.exited, { code: null, signal: 'SIGINT' })
  })

  it('fails on stdout lines that are no JSON objects', async () => {
    const service = await startService(fake('chats'))

    await assert.rejects(service.stop(), /2 stdout line.*hello there\n42/)
    await assert.rejects(service.exited, /hello there/)
    await service[Symbol.asyncDispose]()
  })

  it('fails the disposal when nobody has looked before', async () => {
    const service = await startService(fake('chats'))

    await assert.rejects(async () => service[Symbol.asyncDispose](), /hello there/)
  })

  it('reads an unfinished last line', async () => {
    const service = await startService(fake('unfinished'))

    await assert.rejects(service.stop(), /half a li/)
  })

  it('takes U+2028 for a part of the line', async () => {
    await using service = await startService(fake('separates'))

    await service.waitForLine('one line', ({ msg }) => msg === 'one\u2028line')
    await service.stop()
  })

  it('does not wait for a line of a service that is gone', async () => {
    await using service = await startService(fake('crashes'))

    await assert.rejects(
      service.waitForLine('ready', ({ msg }) => msg === 'ready'),
      /ended without ready[^]*listening/,
    )
  })

  it('gives up on a line that does not come', async () => {
    await using service = await startService(fake())

    await assert.rejects(
      service.waitForLine('ready', ({ msg }) => msg === 'ready', 50),
      /no line ready within 50 ms[^]*listening/,
    )
  })

  it('fails to start, with the output, when the service ends first', async () => {
    await assert.rejects(
      startService(fake('fails')),
      /ended without 'listening'[^]*PORT is no port/,
    )
  })

  it('fails to start when the service never listens', async () => {
    await assert.rejects(
      startService(fake('waits', { timeoutMillis: 300 })),
      /no line 'listening' within 300 ms[^]*starting/,
    )
  })

  it('fails to start in a directory that does not exist', async () => {
    await assert.rejects(startService(fake('', { cwd: '/nowhere/at/all' })), { code: 'ENOENT' })
  })
})

describe('runToEnd', () => {
  it('gives the exit code and the output', async () => {
    const { millis, ...end } = await runToEnd(fake('fails'))

    assert.deepEqual(end, { code: 1, stdout: '', stderr: 'PORT is no port\n' })
    assert.ok(millis > 0)
  })

  it('kills a service that runs on', async () => {
    await assert.rejects(
      runToEnd(fake('', { timeoutMillis: 300 })),
      /still running 300 ms after it was started[^]*listening/,
    )
  })
})

function fake(habits = '', { env, ...options }: ServiceOptions = {}): ServiceOptions {
  const main = 'test/support/fixtures/fake-service.js'
  return { main, env: { FAKE: habits, ...env }, ...options }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
