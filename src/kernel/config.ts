import { z } from 'zod'

import { StartError } from './errors.ts'
import { kernelSettings } from './settings.ts'
import type { KernelSettings } from './settings.ts'

/** A zod object whose keys are names of environment variables. */
export type SettingsSchema = z.ZodObject

export interface ReadSettings<schema extends SettingsSchema> {
  kernel: KernelSettings
  service: z.infer<schema>
}

/**
 * Reads the kernel's and the service's settings from the environment in one go, so that every mistake is reported at
 * once. An empty variable counts as unset, as OpenTelemetry's specification asks; `defaults` stand in for what is unset.
 * @throws StartError that lists the mistakes, a line each
 */
export function readSettings<schema extends SettingsSchema>(
  serviceSchema: schema,
  environment: NodeJS.ProcessEnv,
  defaults: Record<string, string> = {},
): ReadSettings<schema> {
  const set = Object.entries(environment)
    .map(([name, value]) => [name, value?.trim()])
    .filter(([, value]) => value !== undefined && value !== '')
  const given = { ...defaults, ...Object.fromEntries(set) }
  const kernel = kernelSettings.safeParse(given)
  const service = serviceSchema.safeParse(given)
  const mistakes = [...mistakesOf(kernel.error), ...mistakesOf(service.error)]
  if (!kernel.success || !service.success) throw new StartError(complaint(mistakes))
  return { kernel: kernel.data, service: service.data }
}

function mistakesOf(error: z.ZodError | undefined): string[] {
  // Further parts of a path are places inside a value, a list's say: not what the operator wrote.
  return (error?.issues ?? []).map(({ path, message }) => `${String(path[0] ?? '')}: ${message}`)
}

function complaint(mistakes: string[]): string {
  const count =
    mistakes.length === 1 ? 'a setting is wrong' : `${mistakes.length} settings are wrong`
  return [`Cannot start: ${count}.`, ...mistakes.map((mistake) => `  ${mistake}`)].join('\n')
}
