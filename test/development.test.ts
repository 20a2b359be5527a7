import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

describe('npm run dev', () => {
  it('restarts when a source changes, and not when something beside the project does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plainsight-dev-'))
    const project = join(folder, 'project')
    cpSync('src', join(project, 'src'), { recursive: true })
    cpSync('package.json', join(project, 'package.json'))
    symlinkSync(resolve('node_modules'), join(project, 'node_modules'))
    const child = spawn(process.execPath, ['--watch', 'src/main.ts'], {
      cwd: project,
      env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    const starts = () => output.split('"listening"').length - 1
    async function untilStarts(count: number): Promise<void> {
      const deadline = performance.now() + 15_000
      while (starts() < count && performance.now() < deadline) await sleep(50)
    }

    await using cleanup = new AsyncDisposableStack()
    cleanup.defer(() => rmSync(folder, { recursive: true }))
    cleanup.defer(async () => {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    })

    await untilStarts(1)
    // The watcher needs a moment to learn what was imported.
    await sleep(500)
    writeFileSync(join(folder, 'neighbour'), 'not ours')
    await sleep(1000)
    assert.equal(starts(), 1, output)
    appendFileSync(join(project, 'src/service/routes.ts'), '\n')
    await untilStarts(2)

    assert.equal(starts(), 2, output)
    assert.match(output, /"signal":"SIGTERM".*"stopping"/)
  })
})
