import { readFileSync } from 'node:fs'

import { diag } from '@opentelemetry/api'

import type { OtelSettings } from '../../otel-settings.ts'
import type { Signal } from '../../telemetry-metrics.ts'

/** Where one signal is sent, and how. */
export interface OtlpTarget {
  signal: Signal
  protocol: 'grpc' | 'http/protobuf'
  /** gRPC: scheme, host and port alone. */
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
  gzip: boolean
  /** For one attempt. */
  timeoutMillis: number
  tls: OtlpTls
}

/** PEM. */
export interface OtlpTls {
  ca?: Buffer
  cert?: Buffer
  key?: Buffer
}

const defaultTimeoutMillis = 10_000

// A timer of Node that is set to more goes off at once.
const longestTimerMillis = 2 ** 31 - 1

const prefixes = { spans: 'OTEL_EXPORTER_OTLP_TRACES', logs: 'OTEL_EXPORTER_OTLP_LOGS' } as const
const httpPaths = { spans: 'v1/traces', logs: 'v1/logs' } as const

/**
 * What the official exporters make of the same variables: one for the signal goes before the general one. Undefined
 * when there is no endpoint, or no OTLP is wanted.
 */
export function otlpTarget(settings: OtelSettings, signal: Signal): OtlpTarget | undefined {
  const prefix = prefixes[signal]
  const protocol = settings[`${prefix}_PROTOCOL`] ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL
  const url = protocol === 'grpc' ? grpcUrl(settings, signal) : httpUrl(settings, signal)
  if (url === undefined || !isWanted(settings, signal)) return undefined

  const timeout = settings[`${prefix}_TIMEOUT`] ?? settings.OTEL_EXPORTER_OTLP_TIMEOUT
  const compression = settings[`${prefix}_COMPRESSION`] ?? settings.OTEL_EXPORTER_OTLP_COMPRESSION
  return {
    signal,
    protocol,
    url,
    headers: {
      ...lowerCased(settings.OTEL_EXPORTER_OTLP_HEADERS),
      ...lowerCased(settings[`${prefix}_HEADERS`]),
    },
    gzip: compression === 'gzip',
    timeoutMillis: Math.min(timeout ?? defaultTimeoutMillis, longestTimerMillis),
    tls: url.startsWith('https:') ? tlsOf(settings, prefix) : {},
  }
}

function isWanted(settings: OtelSettings, signal: Signal): boolean {
  const exporters = signal === 'spans' ? settings.OTEL_TRACES_EXPORTER : settings.OTEL_LOGS_EXPORTER
  return exporters.includes('otlp') && !exporters.includes('none')
}

/** The path is gRPC's own, whatever the URL says. */
function grpcUrl(settings: OtelSettings, signal: Signal): string | undefined {
  const endpoint = settings[`${prefixes[signal]}_ENDPOINT`] ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT
  return endpoint === undefined ? undefined : new URL(endpoint).origin
}

/** The signal's own endpoint is meant as it stands, the general one is a folder. */
function httpUrl(settings: OtelSettings, signal: Signal): string | undefined {
  const own = settings[`${prefixes[signal]}_ENDPOINT`]
  if (own !== undefined) return new URL(own).href
  const general = settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (general === undefined) return undefined
  return new URL(`${general.replace(/\/$/, '')}/${httpPaths[signal]}`).href
}

/** A header without a value is none. */
function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function tlsOf(settings: OtelSettings, prefix: (typeof prefixes)[Signal]): OtlpTls {
  const ca = settings[`${prefix}_CERTIFICATE`] ?? settings.OTEL_EXPORTER_OTLP_CERTIFICATE
  const cert =
    settings[`${prefix}_CLIENT_CERTIFICATE`] ?? settings.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE
  const key = settings[`${prefix}_CLIENT_KEY`] ?? settings.OTEL_EXPORTER_OTLP_CLIENT_KEY
  if ((cert === undefined) !== (key === undefined)) {
    diag.warn('a client certificate and its key are only of use together: neither is sent')
  }
  return {
    ...(ca !== undefined && { ca: readFileSync(ca) }),
    ...(cert !== undefined &&
      key !== undefined && { cert: readFileSync(cert), key: readFileSync(key) }),
  }
}
