import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

import { ChildOutput } from './child-output.ts'

export interface ServiceOptions {
  /** Relative to the repository's root; `src/main.ts` unless given. */
  main?: string
  args?: string[]
  env?: Record<string, string>
  /** The repository's root unless given. */
  cwd?: string
  /** How long it may take to listen, or with `runToEnd` to end; 15 000 unless given. */
  timeoutMillis?: number
}

export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  /** Since it was spawned. */
  millis: number
}

export interface ServiceChild {
  pid: number
  output: ChildOutput
  /** Resolves when the child is gone and everything it wrote is read. */
  ended: Promise<Ending>
  hasEnded(): boolean
  kill(signal: NodeJS.Signals): void
}

const repository = join(import.meta.dirname, '../..')

export async function spawnService(options: ServiceOptions): Promise<ServiceChild> {
  const { main = 'src/main.ts', args = [], env = {}, cwd = repository } = options
  const startedAt = performance.now()
  const child = spawn(process.execPath, [resolve(repository, main), ...args], {
    cwd,
    env: { ...inheritedEnv(), PORT: '0', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = new ChildOutput(child)
  const kill = (signal: NodeJS.Signals) => void child.kill(signal)
  const killAlong = () => kill('SIGKILL')

  let ending: Ending | undefined
  const ended = new Promise<Ending>((settle) => {
    let millis = 0
    child.once('exit', () => {
      millis = performance.now() - startedAt
      process.off('exit', killAlong)
    })
    child.once('close', (code, signal) => {
      // A killed child may have been cut off in the middle of a line.
      if (signal !== 'SIGKILL') output.finish()
      ending = { code, signal, millis }
      settle(ending)
    })
  })
  const pid = await spawned(child)
  process.once('exit', killAlong)
  return { pid, output, ended, hasEnded: () => ending !== undefined, kill }
}

/** Little, so that no OTEL_* or NODE_OPTIONS of the surroundings reaches the service. */
function inheritedEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, TZ } = process.env
  return {
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(TZ !== undefined && { TZ }),
  }
}

function spawned(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('spawn', () => settle(child.pid ?? 0))
  })
}
