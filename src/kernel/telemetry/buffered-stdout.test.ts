import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

let pipes = 0
const folder = mkdtempSync(join(tmpdir(), 'buffered-stdout-'))
after(() => rm(folder, { recursive: true }))

/** What a program tells on stderr when it ends. */
interface Ending {
  dropped: number
  left: number
  longestStallMillis: number
  flushMillis: number
}

// `write(count)` writes numbered lines of 100 bytes; a stall is what a request would feel.
const prelude = `
  import { writeSync } from 'node:fs'
  import { setTimeout as sleep } from 'node:timers/promises'
  import { bufferedStdout } from ${JSON.stringify(import.meta.resolve('./buffered-stdout.ts'))}

  let dropped = 0
  let longestStallMillis = 0
  let lastTick = performance.now()
  setInterval(() => {
    longestStallMillis = Math.max(longestStallMillis, performance.now() - lastTick)
    lastTick = performance.now()
  }, 10).unref()

  const stdout = bufferedStdout({ onDropped: (count) => (dropped += count) })
  process.on('exit', () => {
    const start = performance.now()
    const left = stdout.flushSync()
    const flushMillis = performance.now() - start
    writeSync(2, JSON.stringify({ dropped, left, longestStallMillis, flushMillis }))
  })
  let written = 0
  function write(count) {
    for (let index = 0; index < count; index++) stdout.write(String(written++).padEnd(99, '.') + '\\n')
  }
`

const chatty = `
  for (let round = 0; round < 100; round++) {
    write(1000)
    await sleep(10)
  }
`

describe('bufferedStdout', { concurrency: 3 }, () => {
  it('loses no line at the natural end of the program', async () => {
    const { child, ending } = start(`write(5)`, 'pipe')

    assert.equal(await text(child.stdout!), numberedLines(5))
    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
  })

  it('holds no program open', async () => {
    const { ending } = start(`bufferedStdout({ flushMillis: 60_000 }).write('lost\\n')`, 'pipe')

    assert.partialDeepStrictEqual(await ending, { left: 0 })
  })

  it('writes before the end, too', async () => {
    const { child } = start(`write(5); setInterval(() => {}, 1000)`, 'pipe')
    const [first] = (await once(child.stdout!, 'data')) as [Buffer]
    child.kill('SIGKILL')

    assert.equal(first.toString(), numberedLines(5))
  })

  it('loses no line to a handler of SIGTERM that exits', async () => {
    const { child, ending } = start(
      `process.on('SIGTERM', () => { write(20000); process.exit(0) })
       setInterval(() => {}, 1000)
       write(1)`,
      'pipe',
    )
    const output = text(child.stdout!)
    await once(child.stdout!, 'readable')
    child.kill('SIGTERM')

    assert.equal(await output, numberedLines(20_001))
    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
  })

  it('loses no line to an error that nobody caught', async () => {
    const { child, stderr } = start(`write(5); setTimeout(() => { throw new Error('oh') })`, 'pipe')

    assert.equal(await text(child.stdout!), numberedLines(5))
    assert.match(await stderr, /"left":0.*Error: oh/s)
  })

  it('gives a reader of a pipe that begins late every line, in order', async () => {
    const { reader, writer } = openPipe()
    const { ending } = start(`write(30000)`, writer)
    await sleep(600)

    assert.equal(await text(reader()), numberedLines(30_000))
    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
  })

  it('gives a slow reader of a pipe every line, in order', async () => {
    const { reader, writer } = openPipe()
    const { ending } = start(
      `write(20000); await sleep(300); write(20000); await sleep(2000)`,
      writer,
    )

    assert.equal(await slowText(reader()), numberedLines(40_000))
    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
  })

  it('gives a slow reader of a socket every line, in order', async () => {
    const { child, ending } = start(
      `write(20000); await sleep(300); write(20000); await sleep(2000)`,
      'pipe',
    )

    assert.equal(await slowText(child.stdout!), numberedLines(40_000))
    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
  })

  it('goes on beside a pipe that nobody empties, and ends in time', async () => {
    const { reader, writer } = openPipe()
    const { ending } = start(chatty, writer)

    assertStuck(await ending, 100_000, await ending.then(() => text(reader())))
  })

  it('goes on beside a socket that nobody empties, and ends in time', async () => {
    const { child, ending } = start(chatty, 'pipe')
    const arrived = new Promise<string>((resolve) => {
      // Any later, and Node would have thrown away what was not read.
      child.once('exit', () => resolve(text(child.stdout!)))
    })

    assertStuck(await ending, 100_000, await arrived)
  })

  it('goes on when the reader leaves', async () => {
    const { reader, writer } = openPipe()
    const { child, ending } = start(
      `write(1); await sleep(500); write(1000); await sleep(300); write(1)`,
      writer,
    )
    const stream = reader()
    await once(stream, 'data')
    stream.destroy()

    assert.partialDeepStrictEqual(await ending, { dropped: 1001, left: 0 })
    assert.equal(child.exitCode, 0)
  })

  it('writes a file', async () => {
    const path = join(folder, 'lines.log')
    const { ending } = start(`write(2000)`, openSync(path, 'w'))

    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
    assert.equal(readFileSync(path, 'utf8'), numberedLines(2000))
  })

  it('lives without a stdout', async () => {
    const { child, ending } = start(`write(2000)`, 'closed')

    assert.partialDeepStrictEqual(await ending, { dropped: 0, left: 0 })
    assert.equal(child.exitCode, 0)
  })
})

function start(program: string, stdout: 'pipe' | 'closed' | number) {
  const node = [process.execPath, '--input-type=module', '--eval', prelude + program]
  const command = stdout === 'closed' ? ['sh', '-c', 'exec "$@" >&-', 'sh', ...node] : node
  const stdio: StdioOptions = ['ignore', stdout === 'closed' ? 'pipe' : stdout, 'pipe']
  const child: ChildProcess = spawn(command[0]!, command.slice(1), {
    stdio,
    // One that blocks would hang for ever.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  if (typeof stdout === 'number') closeSync(stdout)

  const stderr = text(child.stderr!)
  const exit = once(child, 'exit')
  return {
    child,
    stderr,
    // Not parsed before it is asked for: a program that crashes has more to say.
    get ending() {
      return exit.then(async () => JSON.parse(await stderr) as Ending)
    },
  }
}

/** A real pipe: what Node itself makes for a child is a socket. */
function openPipe() {
  const path = join(folder, `pipe-${++pipes}`)
  execFileSync('mkfifo', [path])
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, 'w')
  return { writer, reader: () => new Socket({ fd: readEnd, readable: true, writable: false }) }
}

function numberedLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `${String(index).padEnd(99, '.')}\n`).join('')
}

/** The reader gets whole lines from the first on, and at most a piece of the next; the others are accounted for. */
function assertStuck(ending: Ending, written: number, arrived: string): void {
  const { dropped, left, longestStallMillis, flushMillis } = ending
  assert.ok(longestStallMillis < 1000, `stalled for ${longestStallMillis} ms`)
  assert.ok(flushMillis < 2000, `took ${flushMillis} ms to end`)
  assert.ok(dropped > 0 && left > 0)
  assert.equal(Math.floor(arrived.length / 100) + dropped + left, written)
  assert.equal(arrived, numberedLines(written).slice(0, arrived.length))
}

async function slowText(stream: Readable): Promise<string> {
  let all = ''
  for await (const chunk of stream) {
    all += String(chunk)
    await sleep(20)
  }
  return all
}
