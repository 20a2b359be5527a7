import { diag, DiagLogLevel } from '@opentelemetry/api'
import type { DiagLogFunction } from '@opentelemetry/api'
import { setGlobalErrorHandler } from '@opentelemetry/core'

import type { Logger } from './logger.ts'
import { RateLimit } from './rate-limit.ts'
import type { Signal } from './telemetry-metrics.ts'

export interface DiagnosticsOptions {
  /** Must not send its records by OTLP, or a failing export would feed itself. */
  logger: Logger
  level: keyof typeof diagLevels
  /** Items that a collector refused although it took their batch. */
  onRejected(signal: Signal, count: number, reason: string): void
}

export const diagLevels = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
} as const

/** What the SDK says about itself, as log lines, at most ten a minute. */
export function logDiagnostics({ logger, level, onRejected }: DiagnosticsOptions): void {
  const limit = new RateLimit(10, 60)
  const wanted: DiagLogLevel = diagLevels[level]

  function logAt(
    pinoLevel: 'error' | 'warn' | 'info' | 'debug' | 'trace',
    diagLevel: DiagLogLevel,
  ): DiagLogFunction {
    return (message, ...details) => {
      if (reportRejected(message, details, onRejected) || diagLevel > wanted) return
      if (!logger.isLevelEnabled(pinoLevel)) return
      // Whoever asked for more than warnings wants all of it.
      const suppressed = diagLevel > DiagLogLevel.WARN ? 0 : limit.admit()
      if (suppressed === undefined) return
      logger[pinoLevel](
        { ...(details.length > 0 && { details }), ...(suppressed > 0 && { suppressed }) },
        `opentelemetry: ${message}`,
      )
    }
  }

  diag.setLogger(
    {
      error: logAt('error', DiagLogLevel.ERROR),
      warn: logAt('warn', DiagLogLevel.WARN),
      info: logAt('info', DiagLogLevel.INFO),
      debug: logAt('debug', DiagLogLevel.DEBUG),
      verbose: logAt('trace', DiagLogLevel.VERBOSE),
    },
    {
      // Partial successes are told as warnings, and counted whatever the level is.
      logLevel: wanted > DiagLogLevel.WARN ? wanted : DiagLogLevel.WARN,
      suppressOverrideMessage: true,
    },
  )
  // The batch processors report every failed batch here; the monitored exporter has already said it once.
  setGlobalErrorHandler((error) => diag.debug('an export failed', error))
}

interface PartialSuccess {
  /** int64 in OTLP: a number or its text. */
  rejectedSpans?: number | string
  rejectedLogRecords?: number | string
  errorMessage?: string
}

/** The exporters tell of a partial success only here, as text. */
function reportRejected(
  message: string,
  [response]: unknown[],
  onRejected: DiagnosticsOptions['onRejected'],
): boolean {
  if (!message.startsWith('Received Partial Success response') || typeof response !== 'string') {
    return false
  }
  const { rejectedSpans, rejectedLogRecords, errorMessage } = JSON.parse(response) as PartialSuccess
  const reason = errorMessage ?? 'no reason given'
  if (rejectedSpans !== undefined) onRejected('spans', Number(rejectedSpans), reason)
  if (rejectedLogRecords !== undefined) onRejected('logs', Number(rejectedLogRecords), reason)
  // Without a count it is a warning of the collector, which took everything.
  return rejectedSpans !== undefined || rejectedLogRecords !== undefined
}
