import { logs, SeverityNumber } from '@opentelemetry/api'

export interface LogRecordParts {
  timeMillis: number
  /** pino's number: 10 trace … 60 fatal. */
  level: number
  message: string | undefined
  /** Plain data, redacted. */
  fields: Record<string, unknown>
}

/** Hands pino's records to the OpenTelemetry Logs API; the active span's ids travel with them. */
export function logRecordEmitter(): (record: LogRecordParts) => void {
  // Asked for once: after its shutdown the provider would complain about each new question.
  const logger = logs.getLogger('plainsight')
  return function emit({ timeMillis, level, message, fields }) {
    const { trace_id: _traceId, span_id: _spanId, err, ...attributes } = fields
    const [severityNumber, severityText] = severityOf(level)
    logger.emit({
      timestamp: timeMillis,
      severityNumber,
      severityText,
      body: message ?? '',
      attributes: { ...attributes, ...exceptionAttributes(err) },
    })
  }
}

/** The names of the semantic conventions for exceptions in logs. */
function exceptionAttributes(error: unknown): Record<string, unknown> {
  if (typeof error !== 'object' || error === null) return error === undefined ? {} : { err: error }
  const { type, message, stack, ...rest } = error as Record<string, unknown>
  return {
    'exception.type': type,
    'exception.message': message,
    'exception.stacktrace': stack,
    ...(Object.keys(rest).length > 0 && { err: rest }),
  }
}

function severityOf(level: number): [SeverityNumber, string] {
  if (level >= 60) return [SeverityNumber.FATAL, 'fatal']
  if (level >= 50) return [SeverityNumber.ERROR, 'error']
  if (level >= 40) return [SeverityNumber.WARN, 'warn']
  if (level >= 30) return [SeverityNumber.INFO, 'info']
  if (level >= 20) return [SeverityNumber.DEBUG, 'debug']
  return [SeverityNumber.TRACE, 'trace']
}
