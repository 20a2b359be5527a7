import { SpanStatusCode } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'

import { errorType as classOf } from '../errors.ts'
import { redactText } from './redaction.ts'
import { spanName } from './request-attributes.ts'
import { isExpected } from './request-outcome.ts'
import type { Outcome } from './request-outcome.ts'

/** Writes on a server span what is known only at the end of its request. */
export function describeSpan(
  span: Span,
  method: string,
  route: string | undefined,
  { status, error, errorType }: Outcome,
): void {
  span.updateName(spanName(method, route))
  if (route !== undefined) span.setAttribute('http.route', route)
  if (status !== undefined) span.setAttribute('http.response.status_code', status)
  if (errorType !== undefined) {
    span.setAttribute('error.type', errorType)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  if (error && !isExpected(error)) {
    span.addEvent('exception', {
      'exception.type': classOf(error),
      'exception.message': redactText(error.message),
      ...(error.stack !== undefined && { 'exception.stacktrace': redactText(error.stack) }),
    })
  }
}
