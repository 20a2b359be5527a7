import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { release } from './exit.ts'
import type { Kernel } from './kernel.ts'
import { createLogger } from './telemetry/logger.ts'

describe('release', () => {
  it('ends what was opened, the last one first, and says nothing', async () => {
    const { kernel, lines } = kernelWithLines()
    const resources = new AsyncDisposableStack()
    const ended: string[] = []
    resources.defer(() => void ended.push('first'))
    resources.defer(async () => {
      await sleep(10)
      ended.push('second')
    })

    await release(resources, kernel, 1)

    assert.deepEqual(ended, ['second', 'first'])
    assert.deepEqual(lines(), [])
  })

  it('does not wait longer than it may for a resource that hangs', async () => {
    const { kernel, lines } = kernelWithLines()
    const resources = new AsyncDisposableStack()
    resources.defer(() => new Promise(() => {}))
    const started = performance.now()

    await release(resources, kernel, 0.05)

    assert.ok(performance.now() - started < 1000)
    assert.partialDeepStrictEqual(lines(), [
      { level: 'warn', msg: 'resources did not close in time', seconds: 0.05 },
    ])
  })

  it('tells of a resource that fails to end, and ends the others', async () => {
    const { kernel, lines } = kernelWithLines()
    const resources = new AsyncDisposableStack()
    let ended = false
    resources.defer(() => void (ended = true))
    resources.defer(() => Promise.reject(new Error('already gone')))

    await release(resources, kernel, 1)

    assert.ok(ended)
    assert.partialDeepStrictEqual(lines(), [
      { level: 'error', msg: 'a resource failed to close', err: { message: 'already gone' } },
    ])
  })
})

describe('exitWithComplaint', { concurrency: true }, () => {
  it('writes what the operator has to mend to stderr, and ends with 1', async () => {
    const end = await endOf(`exitWithComplaint(new StartError('Cannot start: mend PORT.'))`)

    assert.deepEqual(end, { code: 1, stdout: '', stderr: 'Cannot start: mend PORT.\n' })
  })

  it('says of any other error that the service failed with it', async () => {
    const end = await endOf(`exitWithComplaint(new Error('no such host'))`)

    assert.deepEqual(end, {
      code: 1,
      stdout: '',
      stderr: 'Cannot start: the service failed with "no such host".\n',
    })
  })
})

describe('exitAfterFailedStart', () => {
  it('logs the failure, ends what was opened, flushes, complains, ends with 1', async () => {
    const end = await endOf(`
      const resources = new AsyncDisposableStack()
      resources.defer(() => console.log('released'))
      await exitAfterFailedStart(new StartError('Cannot start: no.'), kernel, resources)
    `)

    assert.equal(end.code, 1)
    assert.deepEqual(end.stdout.split('\n'), ['fatal: start failed', 'released', 'flushed 2', ''])
    assert.equal(end.stderr, 'Cannot start: no.\n')
  })
})

describe('exitOnCrash', { concurrency: true }, () => {
  it('logs what nobody caught, flushes and ends with 1', async () => {
    const end = await endOf(`
      exitOnCrash(kernel)
      setTimeout(() => { throw new Error('a bug') })
    `)

    assert.equal(end.code, 1)
    assert.deepEqual(end.stdout.split('\n'), ['fatal: crashed by a bug', 'flushed 2', ''])
    assert.equal(end.stderr, '')
  })

  it('takes a rejection that nobody handled for the same', async () => {
    const end = await endOf(`
      exitOnCrash(kernel)
      setTimeout(() => void Promise.reject('text'))
    `)

    assert.equal(end.code, 1)
    assert.match(end.stdout, /^fatal: crashed by .*'text'\nflushed 2\n$/)
  })

  it('tells of the first crash only', async () => {
    const end = await endOf(`
      exitOnCrash(kernel)
      setTimeout(() => { throw new Error('first') })
      setTimeout(() => { throw new Error('second') }, 5)
    `)

    assert.deepEqual(end.stdout.split('\n'), ['fatal: crashed by first', 'flushed 2', ''])
  })
})

describe('exitAfterFlush', { concurrency: true }, () => {
  it('says goodbye, flushes and ends with 0, whatever still runs', async () => {
    const end = await endOf(`
      setInterval(() => {}, 1000)
      await exitAfterFlush(kernel)
    `)

    assert.deepEqual(end, { code: 0, stdout: 'info: stopped\nflushed 2\n', stderr: '' })
  })

  it('tells what was left unsent', async () => {
    const end = await endOf(`
      unsent.spans = 3
      await exitAfterFlush(kernel)
    `)

    assert.match(end.stdout, /\nwarn: telemetry was left unsent\n$/)
    assert.equal(end.code, 0)
  })
})

/** Only what ending a process needs of a kernel. */
function kernelWithLines() {
  const written: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void written.push(line) },
  })
  return {
    kernel: { logger } as Kernel,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

/** Runs the statements in a process of their own, with a kernel that prints what it is told. */
async function endOf(statements: string) {
  const source = `
    import * as exits from ${JSON.stringify(new URL('exit.ts', import.meta.url).href)}
    import { StartError } from ${JSON.stringify(new URL('errors.ts', import.meta.url).href)}
    const { exitWithComplaint, exitAfterFailedStart, exitOnCrash, exitAfterFlush } = exits
    const unsent = { spans: 0, logs: 0 }
    const logger = {
      info: (message) => console.log('info: ' + message),
      warn: (fields, message) => console.log('warn: ' + message),
      fatal: ({ err, origin }, message) =>
        console.log('fatal: ' + message + (origin ? ' by ' + err.message : '')),
    }
    async function flush(seconds) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      console.log('flushed ' + seconds)
      return unsent
    }
    const kernel = { logger, settings: { FLUSH_SECONDS: 2 }, telemetry: { flush } }
    ${statements}
  `
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module', '--eval', source],
      { timeout: 10_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}
