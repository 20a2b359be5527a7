import type { z } from 'zod'

import type { SettingsSchema } from './config.ts'
import type { HealthRegistry } from './health.ts'
import type { RoutesSource } from './http/routes.ts'
import type { Metrics } from './telemetry/guarded-registry.ts'
import type { Logger } from './telemetry/logger.ts'
import type { SpanProcessor } from './telemetry/span-processors.ts'

/** What the kernel hands to a service when it starts. */
export interface ServiceContext<schema extends SettingsSchema> {
  /** The service's own settings, read and checked. */
  settings: z.infer<schema>
  /** The build that runs: `VERSION`, else the version in package.json. */
  version: string
  /** Every line carries the ids of the span that it is written under. */
  logger: Logger
  /** What is made here shows on `/metrics` and has a bounded number of series. */
  metrics: Metrics
  health: HealthRegistry
  /** Who opens a thing says here, on the next line, how it ends. Released in reverse order after the last answer. */
  resources: AsyncDisposableStack
}

/**
 * Connects what the service needs and returns its routes. Throwing stops the start: the message (of a StartError: nothing
 * but the message) is what the operator reads, everything opened is closed again, and the process ends with 1.
 */
export type StartService<schema extends SettingsSchema = SettingsSchema> = (
  context: ServiceContext<schema>,
) => RoutesSource | Promise<RoutesSource>

export interface ServiceDefinition<schema extends SettingsSchema> {
  /** `service.name`, unless OTEL_SERVICE_NAME says otherwise. */
  name: string
  /** Values of environment variables where the environment has none, e.g. `{ PORT: '8082' }`. */
  defaults?: Record<string, string>
  /**
   * From a module that imports nothing but zod and `plainsight/kernel/environment-values`: it is read before libraries
   * can be instrumented.
   */
  settings: schema
  /**
   * Your own, which see every span as it begins, and in `onEnding` and `onEnd` without its secrets, before it is exported. With any, requests are
   * recorded by the standard recorder: the lean one's spans pass no processor.
   */
  spanProcessors?: readonly SpanProcessor[]
  /** Imports the service; called after telemetry has started, so that the libraries it imports are instrumented. */
  load(): Promise<{ start: StartService<schema> }>
}
