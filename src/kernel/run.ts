import { setTimeout as sleep } from 'node:timers/promises'

import { readSettings } from './config.ts'
import type { ReadSettings, SettingsSchema } from './config.ts'
import { StartError, toError } from './errors.ts'
import {
  exitAfterFailedStart,
  exitAfterFlush,
  exitOnCrash,
  exitWithComplaint,
  release,
} from './exit.ts'
import { startServers } from './http/servers.ts'
import type { RunningServers } from './http/servers.ts'
import { createKernel } from './kernel.ts'
import type { Kernel } from './kernel.ts'
import type { ServiceDefinition } from './service.ts'
import type { KernelSettings } from './settings.ts'
import { stopSignal } from './signals.ts'

/**
 * Runs a service until SIGTERM or SIGINT and then ends the process: with 0 after an orderly stop, with 1 if it could
 * not start. A process' life, from top to bottom.
 */
export async function run<schema extends SettingsSchema>(
  definition: ServiceDefinition<schema>,
): Promise<void> {
  const settings = readOrExit(definition)
  const stopped = stopSignal()
  const kernel = await createOrExit(definition, settings.kernel)
  exitOnCrash(kernel)

  const resources = new AsyncDisposableStack()
  let servers: RunningServers | undefined
  try {
    // A start that waits for something must not outlive the order to stop.
    servers = await Promise.race([
      startService(definition, settings.service, kernel, resources),
      stopped.then(() => undefined),
    ])
  } catch (error) {
    return exitAfterFailedStart(toError(error), kernel, resources)
  }
  if (servers) {
    logListening(kernel, servers)
    void kernel.health.readiness()
  }

  const signal = await stopped
  kernel.logger.info({ signal }, 'stopping')
  if (servers) await stop(kernel, servers)
  await release(resources, kernel)
  await servers?.ops?.close(0)
  await exitAfterFlush(kernel)
}

async function startService<schema extends SettingsSchema>(
  { load }: ServiceDefinition<schema>,
  settings: ReadSettings<schema>['service'],
  kernel: Kernel,
  resources: AsyncDisposableStack,
): Promise<RunningServers> {
  const { logger, metrics, health, version } = kernel
  const { start } = await load()
  const routes = await start({ settings, version, logger, metrics, health, resources })
  // Nobody waits for this any more, and the resources are gone.
  if (resources.disposed) throw new StartError('Stopped before the start was done.')
  return startServers(routes, kernel)
}

/** Not ready, then no new connections, then no requests; probes on a port of their own answer on. */
async function stop({ health, settings }: Kernel, { service }: RunningServers): Promise<void> {
  health.drain()
  await sleep(settings.DRAIN_SECONDS * 1000)
  await service.close(settings.GRACE_SECONDS)
}

function readOrExit<schema extends SettingsSchema>({
  settings,
  defaults,
}: ServiceDefinition<schema>) {
  try {
    return readSettings(settings, process.env, defaults)
  } catch (error) {
    return exitWithComplaint(toError(error))
  }
}

async function createOrExit<schema extends SettingsSchema>(
  definition: ServiceDefinition<schema>,
  settings: KernelSettings,
): Promise<Kernel> {
  try {
    return await createKernel(definition, settings)
  } catch (error) {
    return exitWithComplaint(toError(error))
  }
}

function logListening(
  { logger, version, telemetry, settings }: Kernel,
  { service, ops }: RunningServers,
): void {
  logger.info(
    {
      'server.port': service.port,
      ...(ops && { 'ops.port': ops.port }),
      ...(settings.HOST !== undefined && { 'server.address': settings.HOST }),
      version,
      start_ms: Math.round(performance.now()),
      exports: telemetry.exports,
      recorder: telemetry.lean ? 'lean' : 'standard',
    },
    'listening',
  )
}
