import { z } from 'zod'

import { oneOf, port, seconds, wholeNumber } from './environment-values.ts'
import { trustedProxies } from './telemetry/trusted-proxies.ts'
import { otelSettings } from './telemetry/otel-settings.ts'

/** The kernel's own settings. Every one stands in the README's table, with the same name and default. */
const shape = z.object({
  PORT: port().default(8080),
  OPS_PORT: port().optional(),
  /** Unset: all interfaces, IPv4 and IPv6. */
  HOST: z.string().optional(),

  VERSION: z.string().optional(),
  REVISION: z.string().default('unknown'),

  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FORMAT: oneOf(['auto', 'json', 'pretty']).default('auto'),

  // Together below the 10 s that `docker stop` waits before it kills.
  DRAIN_SECONDS: seconds().default(0),
  GRACE_SECONDS: seconds().default(6),
  FLUSH_SECONDS: seconds().default(2),

  HEADERS_TIMEOUT_SECONDS: seconds('above 0').default(10),
  REQUEST_TIMEOUT_SECONDS: seconds('above 0').default(30),
  // Above the minute that common load balancers keep an idle connection: they close it, not we under their request.
  KEEP_ALIVE_TIMEOUT_SECONDS: seconds('above 0').default(65),
  MAX_HEADER_BYTES: wholeNumber(1024).default(16_384),
  MAX_BODY_BYTES: wholeNumber(0).default(1_048_576),

  TRUSTED_PROXIES: trustedProxies().optional(),
  INCOMING_TRACE_CONTEXT: oneOf(['continue', 'link']).default('continue'),

  METRICS_MAX_SERIES: wholeNumber(1).default(1000),

  ...otelSettings,
})

export const kernelSettings = shape.refine(
  ({ PORT, OPS_PORT }) => OPS_PORT === undefined || OPS_PORT === 0 || OPS_PORT !== PORT,
  { path: ['OPS_PORT'], error: 'expected another port than PORT' },
)

export type KernelSettings = z.infer<typeof kernelSettings>
