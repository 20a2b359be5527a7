import { isBuiltin } from 'node:module'

import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node'
import { InstrumentationBase } from '@opentelemetry/instrumentation'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { register } from 'import-in-the-middle/register-hooks.mjs'

/** Every library that OpenTelemetry knows, except where the kernel does it better or the spans are only noise. */
export function createInstrumentations(): Instrumentation[] {
  return getNodeAutoInstrumentations({
    // The request recorder owns the server span; outgoing calls stay traced.
    '@opentelemetry/instrumentation-http': { disableIncomingRequestInstrumentation: true },
    // The logger adds the ids and sends the records itself; this one would parse each line again.
    '@opentelemetry/instrumentation-pino': { enabled: false },
    // A `tcp.connect` under each Redis command and a `dns.lookup` under each call tell nobody anything.
    '@opentelemetry/instrumentation-net': { enabled: false },
    '@opentelemetry/instrumentation-dns': { enabled: false },
    // OpenTelemetry metrics are off; prom-client's default metrics say the same.
    '@opentelemetry/instrumentation-runtime-node': { enabled: false },
  })
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
