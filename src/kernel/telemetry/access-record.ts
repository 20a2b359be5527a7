import { ServiceError } from '../errors.ts'
import { methodAttribute } from './request-attributes.ts'
import type { RequestFacts } from './request-facts.ts'
import { isExpected } from './request-outcome.ts'
import type { Outcome } from './request-outcome.ts'

/** The log record that a request leaves. */
export interface AccessRecord {
  level: 'info' | 'error'
  fields: Record<string, unknown>
  message: string
}

export function accessRecord(
  { method, path, client }: RequestFacts,
  route: string | undefined,
  { status, error, errorType }: Outcome,
  seconds: number,
): AccessRecord {
  const isFailure = (status ?? 0) >= 500 || (error !== undefined && !isExpected(error))
  const knownMethod = methodAttribute(method)
  return {
    level: isFailure ? 'error' : 'info',
    fields: {
      'http.request.method': knownMethod,
      'http.request.method_original': knownMethod === method ? undefined : method,
      'http.route': route,
      'url.path': path,
      'http.response.status_code': status,
      'client.address': client,
      'error.type': errorType,
      'problem.code': error instanceof ServiceError ? error.code : undefined,
      duration_ms: durationMillis(seconds),
      ...(isFailure && error && { err: error }),
    },
    message: `${method} ${path} ${status ?? 'unanswered'}`,
  }
}

/** Whole microseconds. */
export function durationMillis(seconds: number): number {
  return Math.round(seconds * 1e6) / 1000
}
