import type { LogLine } from './child-output.ts'
import { spawnService } from './service-child.ts'
import type { Ending, ServiceChild, ServiceOptions } from './service-child.ts'
import { waitUntil } from './wait-until.ts'

export type { LogLine } from './child-output.ts'
export type { Ending, ServiceOptions } from './service-child.ts'

const PATIENCE_MILLIS = 15_000

/**
 * The service in a process of its own. A line of stdout that is no JSON object fails `exited`, `stop` and, unless
 * `stop` has told of it, the disposal, which kills a child still alive.
 */
export interface ServiceProcess extends AsyncDisposable {
  url: string
  /** The same as `url` when the service has no second port. */
  opsUrl: string
  port: number
  pid: number
  /** Grows while the service runs. */
  lines: LogLine[]
  stdout(): string
  stderr(): string
  signal(name: NodeJS.Signals): void
  exited: Promise<Ending>
  /** Looks at the lines already there, too; fails at once when the service ends without it. */
  waitForLine(
    what: string,
    probe: (line: LogLine) => unknown,
    timeoutMillis?: number,
  ): Promise<LogLine>
  /** SIGTERM; fails, after a SIGKILL, when the service takes longer than 15 s. */
  stop(timeoutMillis?: number): Promise<Pick<Ending, 'code' | 'signal'>>
}

/** Resolves once the service has logged `listening`. */
export async function startService(options: ServiceOptions = {}): Promise<ServiceProcess> {
  const child = await spawnService(options)
  try {
    const listening = await lineOf(
      child,
      "'listening'",
      ({ msg }) => msg === 'listening',
      options.timeoutMillis,
    )
    return serviceProcess(child, listening)
  } catch (error) {
    child.kill('SIGKILL')
    await child.ended
    throw error
  }
}

/** Runs until it ends by itself: for start-up failures. */
export async function runToEnd(
  options: ServiceOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string; millis: number }> {
  const child = await spawnService(options)
  const { code, millis } = await endOf(child, 'it was started', options.timeoutMillis)
  return { code, stdout: child.output.stdout, stderr: child.output.stderr, millis }
}

function serviceProcess(child: ServiceChild, listening: LogLine): ServiceProcess {
  const { output } = child
  const port = portIn(listening, 'server.port')
  const opsPort = 'ops.port' in listening ? portIn(listening, 'ops.port') : port
  let toldOfStrays = false

  const exited = child.ended.then((ending) => {
    refuseStrays(child)
    return ending
  })
  // A test that never looks at `exited` is no unhandled rejection: the disposal tells it the same.
  exited.catch(() => {})

  return {
    url: `http://127.0.0.1:${port}`,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    port,
    pid: child.pid,
    lines: output.lines,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: child.kill,
    exited,
    waitForLine: (what, probe, timeoutMillis) => lineOf(child, what, probe, timeoutMillis),
    async stop(timeoutMillis) {
      child.kill('SIGTERM')
      const { code, signal } = await endOf(child, 'SIGTERM', timeoutMillis)
      toldOfStrays = true
      refuseStrays(child)
      return { code, signal }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await child.ended
      if (!toldOfStrays) refuseStrays(child)
    },
  }
}

function lineOf(
  { output, hasEnded }: ServiceChild,
  what: string,
  probe: (line: LogLine) => unknown,
  timeoutMillis = PATIENCE_MILLIS,
): Promise<LogLine> {
  return waitUntil(
    () => {
      const found = output.lines.find(probe)
      if (!found && hasEnded()) throw new Error(`the service ended without ${what}\n${output}`)
      return found
    },
    timeoutMillis,
    () => `no line ${what} within ${timeoutMillis} ms\n${output}`,
  )
}

async function endOf(
  child: ServiceChild,
  since: string,
  timeoutMillis = PATIENCE_MILLIS,
): Promise<Ending> {
  const late = Symbol('late')
  const { promise: alarm, resolve: ring } = Promise.withResolvers<typeof late>()
  const timer = setTimeout(ring, timeoutMillis, late)
  const first = await Promise.race([child.ended, alarm])
  clearTimeout(timer)
  if (first !== late) return first

  child.kill('SIGKILL')
  await child.ended
  throw new Error(`still running ${timeoutMillis} ms after ${since}, killed\n${child.output}`)
}

function refuseStrays({ output: { strays } }: ServiceChild): void {
  if (strays.length === 0) return
  throw new Error(`${strays.length} stdout line(s) are no JSON object: ${strays.join('\n')}`)
}

function portIn(line: LogLine, field: string): number {
  const port = line[field]
  if (typeof port === 'number') return port
  throw new Error(`the 'listening' line has no number ${field}: ${JSON.stringify(line)}`)
}
