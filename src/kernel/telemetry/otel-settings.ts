import { existsSync } from 'node:fs'

import { z } from 'zod'

import {
  flag,
  httpUrl,
  listOf,
  oneOf,
  ratio,
  splitList,
  wholeNumber,
} from '../environment-values.ts'

const grpcExample = 'http://localhost:4317'

/**
 * The variables of OpenTelemetry's specification that the kernel reads, and those that the SDK reads itself but that
 * are checked here, so that a typing error stops the start instead of silently changing what is sent.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const otelSettings = {
  OTEL_SDK_DISABLED: flag().default(false),
  OTEL_LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(oneOf(['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all']))
    .default('warn'),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: resourceAttributes().default({}),
  OTEL_TRACES_EXPORTER: exporters().default(['otlp']),
  // `console` is accepted and changes nothing: every record is on stdout anyway.
  OTEL_LOGS_EXPORTER: exporters().default(['otlp']),

  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl(grpcExample).optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl(grpcExample).optional(),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: httpUrl(grpcExample).optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol().default('grpc'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol().optional(),
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: protocol().optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers().optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers().optional(),
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: headers().optional(),
  OTEL_EXPORTER_OTLP_COMPRESSION: compression().optional(),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression().optional(),
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: compression().optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: wholeNumber(1).optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: wholeNumber(1).optional(),
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: wholeNumber(1).optional(),
  OTEL_EXPORTER_OTLP_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: file().optional(),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: file().optional(),
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: file().optional(),

  OTEL_TRACES_SAMPLER: oneOf([
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
  ]).optional(),
  OTEL_TRACES_SAMPLER_ARG: ratio().optional(),
  OTEL_NODE_RESOURCE_DETECTORS: listOf([
    'env',
    'host',
    'os',
    'process',
    'serviceinstance',
    'all',
    'none',
  ]).optional(),
  OTEL_PROPAGATORS: listOf(['tracecontext', 'baggage', 'b3', 'b3multi', 'none']).optional(),

  OTEL_BSP_SCHEDULE_DELAY: wholeNumber(0).default(5000),
  OTEL_BSP_EXPORT_TIMEOUT: wholeNumber(1).default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1).optional(),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1).default(512),
  OTEL_BLRP_SCHEDULE_DELAY: wholeNumber(0).default(1000),
  OTEL_BLRP_EXPORT_TIMEOUT: wholeNumber(1).default(30_000),
  OTEL_BLRP_MAX_QUEUE_SIZE: wholeNumber(1).optional(),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1).default(512),

  /** Ours: how requests become telemetry; see docs/decisions/011. */
  TELEMETRY_RECORDER: oneOf(['lean', 'standard']).default('lean'),
  /** Ours: what may be held of spans and log records together before they leave. A mebibyte is two batches of each. */
  TELEMETRY_BUFFER_BYTES: wholeNumber(1_048_576).default(16_777_216),
}

/** Of the standard pipelines, as the specification has it; in the lean ones it is the bytes that count. */
export const defaultQueueSize = 2048

export type OtelSettings = z.infer<z.ZodObject<typeof otelSettings>>

function exporters() {
  return listOf(['otlp', 'console', 'none'])
}

function protocol() {
  return oneOf(['grpc', 'http/protobuf'])
}

function compression() {
  return oneOf(['gzip', 'none'])
}

function resourceAttributes() {
  return z.string().transform((text, context) => keyValuePairs(text, context, /^.+$/))
}

const headerName = /^[\w.-]+$/

/** Only checked here: the exporters read them. A wrong name would end the process with a stack trace. */
function headers() {
  return z.string().transform((text, context) => keyValuePairs(text, context, headerName))
}

/** `key=value` pairs separated by commas, values percent-encoded. */
function keyValuePairs(
  text: string,
  context: z.RefinementCtx,
  namePattern: RegExp,
): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const pair of splitList(text)) {
    const separator = pair.indexOf('=')
    const name = pair.slice(0, Math.max(separator, 0)).trim()
    // A header is a secret as a rule, what stands in the resource is not.
    const shown = namePattern === headerName ? '…' : pair
    try {
      if (!namePattern.test(name)) throw new URIError('no name')
      pairs[name] = decodeURIComponent(pair.slice(separator + 1).trim())
    } catch {
      context.addIssue(
        `expected key=value pairs separated by commas, got "${name === '' ? shown : `${name}=…`}"`,
      )
    }
  }
  return pairs
}

function file() {
  return z.string().refine((path) => existsSync(path), {
    error: ({ input }) => `expected the path of a file, got "${String(input)}"`,
  })
}
