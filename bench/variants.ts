import { join } from 'node:path'

export interface Variant {
  name: string
  /** One sentence for the README's table. */
  what: string
  /** Has telemetry that must arrive. */
  isObserved: boolean
  /** The histogram on `/metrics` that counts requests. */
  histogram: string | undefined
  /** Built on our kernel: started from a copy of the repository, as the image has it. */
  isOurs: boolean
  /** Brings packages of its own, to be installed in its folder. */
  hasPackages: boolean
  folder: string
  /** What follows `node`, in the folder. */
  nodeArguments: string[]
  environment: Record<string, string>
}

const docs = {
  isOurs: false,
  isObserved: true,
  hasPackages: true,
  histogram: 'http_request_duration_seconds',
  // The way that the documentation of @opentelemetry/instrumentation gives for ES modules.
  nodeArguments: [
    '--experimental-loader=@opentelemetry/instrumentation/hook.mjs',
    '--import=./instrumentation.ts',
    'main.ts',
  ],
  environment: {},
}

const ours = {
  isOurs: true,
  isObserved: true,
  hasPackages: false,
  histogram: 'http_server_request_duration_seconds',
  folder: folderOf('plainsight'),
  nodeArguments: ['main.ts'],
}

const bare = {
  isOurs: false,
  isObserved: false,
  histogram: undefined,
  nodeArguments: ['main.ts'],
  environment: {},
}

export const variants: readonly Variant[] = [
  {
    ...bare,
    name: 'bare-node',
    what: '`node:http` and nothing else',
    hasPackages: false,
    folder: folderOf('bare-node'),
  },
  {
    ...bare,
    name: 'bare-hono',
    what: 'Hono on `@hono/node-server` and nothing else',
    hasPackages: true,
    folder: folderOf('bare-hono'),
  },
  {
    ...ours,
    name: 'plainsight-lean',
    what: 'our kernel, `TELEMETRY_RECORDER=lean`',
    environment: { TELEMETRY_RECORDER: 'lean' },
  },
  {
    ...ours,
    name: 'plainsight-standard',
    what: 'our kernel, `TELEMETRY_RECORDER=standard`',
    environment: { TELEMETRY_RECORDER: 'standard' },
  },
  {
    ...docs,
    name: 'by-the-docs',
    what: 'Hono, NodeSDK with all auto-instrumentations, pino, prom-client',
    folder: folderOf('by-the-docs'),
  },
  {
    ...docs,
    name: 'hono-otel',
    what: 'Hono, `@hono/otel`, `@hono/prometheus`, pino',
    folder: folderOf('hono-otel'),
  },
  {
    ...docs,
    name: 'fastify-otel',
    what: 'Fastify, `@fastify/otel`, `fastify-metrics`, its own logger',
    folder: folderOf('fastify-otel'),
  },
]

/** Those that are measured in everything; the others in the main workload only. */
export const wholeMatrix = ['bare-hono', 'plainsight-lean', 'plainsight-standard', 'by-the-docs']

export function variantNamed(name: string): Variant {
  const found = variants.find((variant) => variant.name === name)
  if (found) return found
  throw new Error(
    `no variant "${name}"; there are ${variants.map((variant) => variant.name).join(', ')}`,
  )
}

function folderOf(name: string): string {
  return join(import.meta.dirname, 'variants', name)
}
