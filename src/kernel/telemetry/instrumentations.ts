import { readFileSync } from 'node:fs'
import { findPackageJSON, isBuiltin } from 'node:module'

import { InstrumentationBase } from '@opentelemetry/instrumentation'
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation'
import { register } from 'import-in-the-middle/register-hooks.mjs'

import { mainFolder } from '../main-folder.ts'
import { installedPackages } from './installed-packages.ts'
import { librariesOf } from './instrumented-libraries.ts'

const bundle = '@opentelemetry/auto-instrumentations-node'
const prefix = '@opentelemetry/instrumentation-'

/** Where the kernel does it better, or the spans are only noise. */
const configs: Record<string, InstrumentationConfig & Record<string, unknown>> = {
  // The request recorder owns the server span; outgoing calls stay traced.
  http: { disableIncomingRequestInstrumentation: true },
  // The logger adds the ids and sends the records itself; this one would parse each line again.
  pino: { enabled: false },
  // A `tcp.connect` under each Redis command and a `dns.lookup` under each call tell nobody anything.
  net: { enabled: false },
  dns: { enabled: false },
  // OpenTelemetry metrics are off; prom-client's default metrics say the same.
  'runtime-node': { enabled: false },
}

/** The bundle leaves these out, too, unless the environment asks for them. */
const leftOut = ['fs', 'host-metrics']

/**
 * The instrumentations of the bundle whose library is installed: importing all forty is a sixth of the start. `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and `OTEL_NODE_DISABLED_INSTRUMENTATIONS` mean what they mean there.
 */
export async function loadInstrumentations(
  environment: NodeJS.ProcessEnv = process.env,
  installed = packagesInReach(),
): Promise<Instrumentation[]> {
  const suffixes = suffixesInBundle().filter(
    (suffix) => isWanted(suffix, environment) && isOfUse(suffix, installed),
  )
  try {
    return await Promise.all(suffixes.map(loadInstrumentation))
  } catch (error) {
    if (!isNotFound(error)) throw error
    // A package manager that hides what we do not depend on ourselves (pnpm): the bundle finds all of them.
    return await loadBundle()
  }
}

function suffixesInBundle(): string[] {
  const file = findPackageJSON(bundle, import.meta.url)
  if (file === undefined) throw new Error(`${bundle} is not installed`)
  const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
    dependencies: Record<string, string>
  }
  return Object.keys(dependencies)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
}

function isWanted(suffix: string, environment: NodeJS.ProcessEnv): boolean {
  const enabled = listIn(environment['OTEL_NODE_ENABLED_INSTRUMENTATIONS'])
  const disabled = listIn(environment['OTEL_NODE_DISABLED_INSTRUMENTATIONS'])
  if (configs[suffix]?.enabled === false || disabled.includes(suffix)) return false
  return enabled.length > 0 ? enabled.includes(suffix) : !leftOut.includes(suffix)
}

function listIn(names = ''): string[] {
  return names.split(',').flatMap((name) => name.trim() || [])
}

function isOfUse(suffix: string, installed: Set<string> | undefined): boolean {
  const libraries = librariesOf(suffix)
  return (
    installed === undefined ||
    libraries.length === 0 ||
    libraries.some((library) => installed.has(library))
  )
}

/** By what was started, and by the kernel: an example has packages of its own. Undefined if there is nothing to go by. */
function packagesInReach(): Set<string> | undefined {
  const packages = installedPackages(mainFolder()).union(installedPackages(import.meta.dirname))
  return packages.size > 0 ? packages : undefined
}

async function loadInstrumentation(suffix: string): Promise<Instrumentation> {
  const exported = Object.values((await import(prefix + suffix)) as object)
  const Found = exported.find(isInstrumentationClass)
  if (!Found) throw new Error(`${prefix}${suffix} exports no instrumentation`)
  return new Found(configs[suffix])
}

function isInstrumentationClass(
  value: unknown,
): value is new (config?: InstrumentationConfig) => Instrumentation {
  return typeof value === 'function' && value.prototype instanceof InstrumentationBase
}

function isNotFound(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
}

async function loadBundle(): Promise<Instrumentation[]> {
  const { getNodeAutoInstrumentations } = await import('@opentelemetry/auto-instrumentations-node')
  return getNodeAutoInstrumentations(
    Object.fromEntries(
      Object.entries(configs).map(([suffix, config]) => [prefix + suffix, config]),
    ),
  )
}

/**
 * Lets the instrumentations see ES modules that are imported from now on. Only their own libraries are wrapped: a hook
 * round every module costs start-up time and can break `class extends` in import cycles (opentelemetry-js #6984).
 */
export function registerImportHook(instrumentations: Instrumentation[]): void {
  const names = new Set(instrumentations.flatMap(moduleNames))
  const builtins = [...names].filter((name) => isBuiltin(name))
  const packages = [...names].filter((name) => !isBuiltin(name)).map((name) => RegExp.escape(name))
  register({
    include: [
      ...builtins,
      ...(packages.length > 0
        ? [new RegExp(`[/\\\\]node_modules[/\\\\](?:${packages.join('|')})[/\\\\]`)]
        : []),
    ],
  })
}

function moduleNames(instrumentation: Instrumentation): string[] {
  if (!(instrumentation instanceof InstrumentationBase)) return []
  return instrumentation.getModuleDefinitions().map(({ name }) => name)
}
