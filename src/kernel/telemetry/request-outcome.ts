import type { ServerResponse } from 'node:http'

import { errorType, RefusedError, ServiceError, toError } from '../errors.ts'

/** How a request ended. */
export interface Outcome {
  /** Undefined if no answer was begun. */
  status: number | undefined
  error: Error | undefined
  /** Set if, and only if, the request counts as failed. */
  errorType: string | undefined
}

/** To be asked when the answer has closed; `failure` is what the request is known to have failed with. */
export function outcomeOf(outgoing: ServerResponse, failure: Error | undefined): Outcome {
  const { headersSent, statusCode, writableFinished, errored, socket } = outgoing
  if (errored instanceof RefusedError) {
    return { status: errored.status, error: undefined, errorType: errored.reason }
  }
  // A pipelined request whose turn never came has no socket; nothing of its answer was sent.
  if (!writableFinished && socket === null) {
    return { status: undefined, error: undefined, errorType: 'client_disconnected' }
  }
  // Before its headers are sent, `statusCode` is only Node's default.
  const status = headersSent ? statusCode : undefined
  const error = failure ?? (writableFinished || !errored ? undefined : toError(errored))
  return { status, error, errorType: errorTypeOf(status, error, writableFinished) }
}

function errorTypeOf(
  status: number | undefined,
  error: Error | undefined,
  isFinished: boolean,
): string | undefined {
  const isFailed = (status ?? 0) >= 500 || !isFinished
  if (error && (isFailed || !isExpected(error))) return typeOf(error)
  if ((status ?? 0) >= 500) return String(status)
  return isFailed ? 'client_disconnected' : undefined
}

export function isExpected(error: Error): boolean {
  return error instanceof ServiceError
}

/** Low in cardinality: a ServiceError's code is one of those in the code. */
function typeOf(error: Error): string {
  return error instanceof ServiceError ? error.code : errorType(error)
}
