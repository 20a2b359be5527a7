import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'

import { startService } from '../support/service-process.ts'

describe('npm run load', { concurrency: true }, () => {
  it('sends as many requests as it says, some of which are slow or fail, and tells where to look', async () => {
    await using service = await startService({
      main: 'src/main.ts',
      env: { DEMO_ROUTES: 'true' },
    })

    const { code, stdout } = await load('--url', service.url, '--seconds=4', '--per-second=100')

    assert.equal(code, 0)
    assert.match(stdout, /^400 requests$/m)
    assert.match(stdout, /^ {2}greeting +\d+ {2}200 \(\d+\)$/m)
    assert.match(stdout, /^ {2}not found +\d+ {2}404 \(\d+\)$/m)
    assert.match(stdout, /^ {2}wrong method +\d+ {2}405 \(\d+\)$/m)
    assert.match(stdout, /^ {2}slow +\d+ {2}200 \(\d+\)$/m)
    assert.match(stdout, /^ {2}unavailable +\d+ {2}503 \(\d+\)$/m)
    const [, traceId] = /the last failure +\S+\/trace\/([0-9a-f]{32}) /.exec(stdout) ?? []
    await service.waitForLine(
      'the line of the last failure',
      (line) => line['trace_id'] === traceId && line['level'] === 'error',
    )
  })

  it('says so when the service has nothing slow and nothing that fails', async () => {
    await using service = await startService({ main: 'src/main.ts' })

    const { code, stdout } = await load('--url', service.url, '--seconds=1')

    assert.equal(code, 0)
    assert.match(stdout, /DEMO_ROUTES=true/)
    assert.match(stdout, /^20 requests$/m)
  })

  it('ends at Ctrl-C with what it has', async () => {
    await using service = await startService({ main: 'src/main.ts' })
    const child = start('--url', service.url, '--seconds=60')
    await service.waitForLine('a request of the mix', (line) => line['http.route'] === '/version')

    child.kill('SIGINT')
    const [stdout] = await Promise.all([text(child.stdout), once(child, 'exit')])

    assert.equal(child.exitCode, 0)
    assert.match(stdout, /^\d+ requests$/m)
  })

  it('complains about a service that is not there, and about arguments that make no sense', async () => {
    for (const [argument, complaint] of [
      ['--url=http://127.0.0.1:9', /Nothing answers at http:\/\/127\.0\.0\.1:9 \(/],
      ['--url=here', /--url: expected a URL such as/],
      ['--seconds=0', /--seconds: expected a whole number from 1 to 3600, got "0"/],
      ['--per-second=many', /--per-second: expected a whole number from 1 to 500, got "many"/],
      ['--fast', /Unknown option '--fast'/],
    ] as const) {
      const { code, stderr } = await load(argument)

      assert.equal(code, 1, argument)
      assert.match(stderr, complaint)
    }
  })
})

async function load(
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(...args)
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: child.exitCode, stdout, stderr }
}

function start(...args: string[]) {
  return spawn(process.execPath, ['test/load/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
