import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { samplesOf } from '../../test/support/exposition.ts'
import type { Sample } from '../../test/support/exposition.ts'
import { freePort } from '../../test/support/free-port.ts'
import { programOrThrow } from '../programs.ts'
import type { Variant } from '../variants.ts'
import { SERVER_CORE } from './cores.ts'
import { firstAnswer } from './first-answer.ts'
import { countLines } from './line-counter.ts'

export interface ServerOptions {
  otlpUrl: string
  upstreamUrl: string
  environment?: Record<string, string>
  /** On a core of its own; the counting test needs none. */
  pinned?: boolean
}

export interface Ended {
  code: number | null
  /** Since SIGTERM. */
  seconds: number
  /** Of stdout. */
  lines: number
}

export interface Server extends AsyncDisposable {
  url: string
  pid: number
  /** From the spawn to the first 200 on `/healthz`. */
  startMillis: number
  /** What `/metrics` says. */
  samples(): Promise<Sample[]>
  stderr(): string
  /** Ends it, and tells what may say why it failed. */
  lastWords(): Promise<string>
  /** SIGTERM, and SIGKILL where that does not help. */
  stop(): Promise<Ended>
}

const START_PATIENCE_MILLIS = 20_000
const STOP_PATIENCE_MILLIS = 15_000

/** Starts a variant, its stdout going through a pipe as a container's does, and waits for its first answer. */
export async function startServer(variant: Variant, options: ServerOptions): Promise<Server> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-bench-'))
  const stdout = countLines(folder)
  const begun = performance.now()
  const child = spawnServer(variant, options, port, { folder, stdout: stdout.fd })
  closeSync(stdout.fd)
  const ended = endOf(child)
  const stderr = () => readFileSync(join(folder, 'stderr'), 'utf8')
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)

  async function stop(): Promise<Ended> {
    const asked = performance.now()
    child.kill('SIGTERM')
    const alarm = setTimeout(kill, STOP_PATIENCE_MILLIS)
    const code = await ended
    clearTimeout(alarm)
    return {
      code,
      seconds: (performance.now() - asked) / 1000,
      lines: (await stdout.counted).lines,
    }
  }
  async function lastWords(): Promise<string> {
    kill()
    return `${stderr()}${(await stdout.counted).lastLine}`
  }
  async function dispose(): Promise<void> {
    kill()
    await ended
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
  }

  const givenUp = new AbortController()
  void ended.then(() => givenUp.abort())
  const patience = AbortSignal.any([givenUp.signal, AbortSignal.timeout(START_PATIENCE_MILLIS)])
  const answered = await firstAnswer(port, patience).catch(async () => {
    const complaint = await lastWords()
    await dispose()
    throw new Error(`${variant.name} does not start: ${complaint}`)
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    pid: child.pid ?? 0,
    startMillis: answered - begun,
    samples: async () => samplesOf(await (await fetch(`${url}/metrics`)).text()),
    stderr,
    lastWords,
    stop,
    [Symbol.asyncDispose]: dispose,
  }
}

function spawnServer(
  { folder: cwd, nodeArguments, environment }: Variant,
  { otlpUrl, upstreamUrl, environment: more, pinned = true }: ServerOptions,
  port: number,
  output: { folder: string; stdout: number },
): ChildProcess {
  const command = [process.execPath, ...nodeArguments]
  const [program = '', ...args] = pinned
    ? [programOrThrow('taskset'), '--cpu-list', SERVER_CORE, ...command]
    : command
  const stderr = openSync(join(output.folder, 'stderr'), 'w')
  const child = spawn(program, args, {
    cwd,
    env: {
      // Little, so that nothing of the surroundings reaches a server.
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      UPSTREAM_URL: upstreamUrl,
      OTEL_SERVICE_NAME: 'bench',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      ...environment,
      ...more,
    },
    stdio: ['ignore', output.stdout, stderr],
  })
  closeSync(stderr)
  return child
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('exit', settle)
  })
}
