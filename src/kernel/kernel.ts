import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'

import type { SettingsSchema } from './config.ts'
import { Health } from './health.ts'
import { mainFolder } from './main-folder.ts'
import type { ServiceDefinition } from './service.ts'
import type { KernelSettings } from './settings.ts'
import { Backlog } from './telemetry/backlog.ts'
import { captureConsole } from './telemetry/console-capture.ts'
import { createRecorder } from './telemetry/create-recorder.ts'
import { addDefaultMetrics } from './telemetry/default-metrics.ts'
import { GuardedRegistry } from './telemetry/guarded-registry.ts'
import { createStdout } from './telemetry/create-stdout.ts'
import { createLogger } from './telemetry/logger.ts'
import type { Logger } from './telemetry/logger.ts'
import { createRequestMetrics } from './telemetry/request-metrics.ts'
import type { RequestRecorder } from './telemetry/request-recorder.ts'
import { createTelemetryMetrics } from './telemetry/telemetry-metrics.ts'
import { startTelemetry } from './telemetry/telemetry.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

/** What exists before the service does: logs, metrics, traces, health. */
export interface Kernel {
  serviceName: string
  version: string
  settings: KernelSettings
  logger: Logger
  metrics: GuardedRegistry
  health: Health
  telemetry: Telemetry
  recorder: RequestRecorder
}

/** Starts telemetry: libraries that are imported afterwards are instrumented. Opens no connection by itself. */
export async function createKernel(
  { name, spanProcessors = [] }: Pick<ServiceDefinition<SettingsSchema>, 'name' | 'spanProcessors'>,
  settings: KernelSettings,
): Promise<Kernel> {
  const serviceName =
    settings.OTEL_SERVICE_NAME ?? settings.OTEL_RESOURCE_ATTRIBUTES['service.name'] ?? name
  const version = settings.VERSION ?? packageVersion()
  const backlog = new Backlog()
  const metrics = new GuardedRegistry(settings.METRICS_MAX_SERIES, () => backlog.settle())
  const lines = createStdout(metrics, () => logger, backlog)
  const loggerOptions = {
    service: serviceName,
    level: settings.LOG_LEVEL,
    pretty: isPretty(settings),
    destination: lines,
  }
  const logger = createLogger({ ...loggerOptions, otlp: true })
  addDefaultMetrics(metrics, { version, revision: settings.REVISION })

  // Libraries print while they are imported, before there is a recorder to ask.
  const later: { recorder?: RequestRecorder } = {}
  captureConsole(logger, (error) => later.recorder?.willRecord(error) ?? false)
  const telemetry = await startTelemetry({
    serviceName,
    version,
    settings,
    metrics: createTelemetryMetrics(metrics),
    logger,
    localLogger: createLogger({ ...loggerOptions, otlp: false }),
    spanProcessors,
    backlog,
  })
  const recorder = createRecorder(telemetry, {
    serviceName,
    lines: loggerOptions.pretty ? undefined : lines,
    logger,
    metrics: createRequestMetrics(metrics),
    trustedProxies: settings.TRUSTED_PROXIES,
    incomingTraceContext: settings.INCOMING_TRACE_CONTEXT,
  })
  later.recorder = recorder
  return {
    serviceName,
    version,
    settings,
    logger,
    metrics,
    health: new Health(logger),
    telemetry,
    recorder,
  }
}

function isPretty({ LOG_FORMAT }: KernelSettings): boolean {
  return LOG_FORMAT === 'auto' ? process.stdout.isTTY : LOG_FORMAT === 'pretty'
}

/** Of the package that the process was started from: an example has its own. */
function packageVersion(): string {
  const folder = pathToFileURL(`${mainFolder()}/`)
  const file = findPackageJSON(folder)
  // Where there is none, Node answers with the folder.
  const { version } = file?.endsWith('package.json')
    ? (JSON.parse(readFileSync(file, 'utf8')) as { version?: string })
    : {}
  return version ?? '0.0.0'
}
