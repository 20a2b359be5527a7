import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

describe('stopSignal', { concurrency: true, skip: process.platform === 'win32' }, () => {
  it('resolves with SIGTERM', async () => {
    const waiting = await waitingProcess()

    waiting.kill('SIGTERM')

    await waiting.said('SIGTERM')
    waiting.leave()
    assert.equal(await waiting.exitCode, 0)
  })

  it('resolves with SIGINT', async () => {
    const waiting = await waitingProcess()

    waiting.kill('SIGINT')

    await waiting.said('SIGINT')
    waiting.leave()
    assert.equal(await waiting.exitCode, 0)
  })

  it('ends the process with 1 at the second signal', async () => {
    const waiting = await waitingProcess()
    waiting.kill('SIGTERM')
    await waiting.said('SIGTERM')
    await sleep(100)

    waiting.kill('SIGTERM')

    assert.equal(await waiting.exitCode, 1)
  })

  it('ends the process with 1 at the second signal, also if it is another one', async () => {
    const waiting = await waitingProcess()
    waiting.kill('SIGTERM')
    await waiting.said('SIGTERM')
    await sleep(100)

    waiting.kill('SIGINT')

    assert.equal(await waiting.exitCode, 1)
  })

  it('takes two signals at the same moment for one: npm passes on what a terminal has sent', async () => {
    const waiting = await waitingProcess()

    waiting.kill('SIGINT')
    waiting.kill('SIGTERM')

    await waiting.said(/^SIG(INT|TERM)$/m)
    await sleep(100)
    waiting.leave()
    assert.equal(await waiting.exitCode, 0)
  })
})

/** Prints the signal and stays until it is told to leave, as a service that drains does. */
async function waitingProcess() {
  const source = `
    import { stopSignal } from ${JSON.stringify(new URL('signals.ts', import.meta.url).href)}
    process.stdin.on('data', () => process.exit(0))
    const stopped = stopSignal()
    console.log('waiting')
    console.log(await stopped)
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exitCode = once(child, 'exit').then(([code]) => code as number | null)
  let output = ''
  child.stdout.setEncoding('utf8')

  async function said(text: string | RegExp): Promise<void> {
    const isThere = () => (typeof text === 'string' ? output.includes(text) : text.test(output))
    while (!isThere()) {
      const [more] = (await once(child.stdout, 'data')) as [string]
      output += more
    }
  }
  await said('waiting')
  return {
    said,
    exitCode,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    leave: () => child.stdin.end('leave\n'),
  }
}
