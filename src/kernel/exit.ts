import { StartError, toError } from './errors.ts'
import type { Kernel } from './kernel.ts'

// With the defaults of grace and flush still below the ten seconds of `docker stop`.
const releaseSeconds = 1

/** One plain text on stderr, for whoever started the process, and 1. */
export function exitWithComplaint(error: Error): never {
  process.stderr.write(`${complaintOf(error)}\n`)
  process.exit(1)
}

/** The start failed after telemetry had begun: the failure is a log record too. */
export async function exitAfterFailedStart(
  error: Error,
  kernel: Kernel,
  resources: AsyncDisposableStack,
): Promise<never> {
  kernel.logger.fatal({ err: error }, 'start failed')
  await release(resources, kernel)
  await flush(kernel)
  exitWithComplaint(error)
}

/** What nobody caught: the process is in no known state, so it says so, sends what it has and ends. */
export function exitOnCrash(kernel: Kernel): void {
  let isCrashing = false
  async function crash(thrown: unknown, origin: string): Promise<void> {
    if (isCrashing) return
    isCrashing = true
    try {
      kernel.logger.fatal({ err: toError(thrown), origin }, 'crashed')
      await flush(kernel)
    } finally {
      process.exit(1)
    }
  }
  process.on('uncaughtException', (error, origin) => void crash(error, origin))
  process.on('unhandledRejection', (reason) => void crash(reason, 'unhandledRejection'))
}

export async function exitAfterFlush(kernel: Kernel): Promise<never> {
  kernel.logger.info('stopped')
  await flush(kernel)
  // Not left to an empty event loop: a silent collector would keep it busy for ten seconds.
  process.exit(0)
}

/** Ends what the service opened; whatever does not end in time is left to the exit. */
export async function release(
  resources: AsyncDisposableStack,
  { logger }: Pick<Kernel, 'logger'>,
  seconds = releaseSeconds,
): Promise<void> {
  const { promise: deadline, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(resolve, seconds * 1000, 'late')
  try {
    const outcome = await Promise.race([resources.disposeAsync(), deadline])
    if (outcome === 'late') logger.warn({ seconds }, 'resources did not close in time')
  } catch (error) {
    logger.error({ err: toError(error) }, 'a resource failed to close')
  }
  clearTimeout(timer)
}

async function flush({ telemetry, settings, logger }: Kernel): Promise<void> {
  const unsent = await telemetry.flush(settings.FLUSH_SECONDS)
  if (unsent.spans + unsent.logs > 0) logger.warn({ unsent }, 'telemetry was left unsent')
}

function complaintOf(error: Error): string {
  return error instanceof StartError
    ? error.message
    : `Cannot start: the service failed with "${error.message}".`
}
