import { execFile, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { freePort } from '../../../../test/support/free-port.ts'

/** A Redis in a process of its own, on a free port and with a folder of its own. */
export interface RedisServer extends AsyncDisposable {
  /** `host:port`, as the service's metrics call it. */
  name: string
  port: number
  url: string
  cli(...args: string[]): Promise<string>
  /** SIGKILL, as when a machine is lost; what it wrote to its folder stays. */
  kill(): Promise<void>
  /** Again, on the same port and folder, after `kill`. */
  restart(): Promise<void>
  /** SIGSTOP: it accepts connections, and says nothing. */
  pause(): void
  resume(): void
}

/** The reason to leave a test out, or false. */
export const redisMissing: string | false =
  spawnSync('redis-server', ['--version']).error !== undefined &&
  'redis-server is not installed (apt-get install redis-server)'

export async function startRedis(...options: string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'key-value-redis-'))
  const port = await freePort()
  const secret = options[options.indexOf('--requirepass') + 1]
  const login =
    options.includes('--requirepass') && secret ? ['--no-auth-warning', '-a', secret] : []
  let child = launch(port, folder, options)

  const server: RedisServer = {
    name: `127.0.0.1:${port}`,
    port,
    url: `redis://127.0.0.1:${port}`,
    cli: (...args) => cli(port, [...login, ...args]),
    async kill() {
      child.ref()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    async restart() {
      child = launch(port, folder, options)
      await untilItAnswers(child, server)
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await this.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    await untilItAnswers(child, server)
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

/** Resolves once it has everything that its primary has. */
export async function startReplicaOf(
  primary: RedisServer,
  ...options: string[]
): Promise<RedisServer> {
  await using starting = new AsyncDisposableStack()
  const replica = starting.use(
    await startRedis('--replicaof', `127.0.0.1 ${primary.port}`, ...options),
  )
  await until(`${replica.name} is linked`, async () =>
    (await replica.cli('INFO', 'replication')).includes('master_link_status:up'),
  )
  starting.move()
  return replica
}

export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  patienceMillis = 10_000,
): Promise<void> {
  const deadline = performance.now() + patienceMillis
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not within ${patienceMillis} ms: ${what}`)
    await sleep(20)
  }
}

const children = new Set<ChildProcess>()

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL')
}

function launch(port: number, folder: string, options: string[]): ChildProcess {
  const always = ['--bind', '127.0.0.1', '--dir', folder, '--repl-diskless-sync-delay', '0']
  const save = ['--save', '']
  const child = spawn('redis-server', ['--port', String(port), ...always, ...save, ...options], {
    stdio: 'ignore',
  })
  // It outlives no test, whatever becomes of that.
  child.unref()
  if (children.size === 0) process.once('exit', killChildren)
  children.add(child)
  child.once('exit', () => {
    children.delete(child)
    if (children.size === 0) process.off('exit', killChildren)
  })
  return child
}

async function untilItAnswers(child: ChildProcess, server: RedisServer): Promise<void> {
  await until(`redis-server ${server.name} answers`, async () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    return (await server.cli('PING').catch(() => '')) === 'PONG'
  })
}

async function cli(port: number, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'redis-cli',
    ['-h', '127.0.0.1', '-p', String(port), ...args],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  return stdout.replace(/\n$/, '')
}
