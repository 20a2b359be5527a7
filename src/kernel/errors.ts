import { inspect } from 'node:util'

/** What went wrong, in words that do not depend on HTTP. */
export type Fault =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'too-large'
  | 'unsupported'
  | 'unprocessable'
  | 'too-many-requests'
  | 'unavailable'
  | 'timeout'

export const statusOfFault = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  unsupported: 415,
  unprocessable: 422,
  'too-many-requests': 429,
  unavailable: 503,
  timeout: 504,
} as const satisfies Record<Fault, number>

export interface ServiceErrorOptions extends ErrorOptions {
  /** Sent with the answer, e.g. `Allow`, `Retry-After`, `WWW-Authenticate`. */
  headers?: Record<string, string>
  /** Further members of the problem document, e.g. the list of a body's mistakes. */
  extensions?: Record<string, unknown>
}

/**
 * An expected failure: it is answered as an RFC 9457 problem and is no bug. Anything else that is thrown is one.
 * `code` is stable and for programs (kebab-case); `detail` is a sentence for the caller and holds no internals.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly fault: Fault
  readonly code: string
  readonly headers: Record<string, string>
  readonly extensions: Record<string, unknown>

  constructor(fault: Fault, code: string, detail: string, options: ServiceErrorOptions = {}) {
    super(detail, options)
    this.fault = fault
    this.code = code
    this.headers = options.headers ?? {}
    this.extensions = options.extensions ?? {}
  }
}

/** A request under way was cut off by us, with this status, because of what the client sent or did not send. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly reason: string
  readonly status: number

  constructor(reason: string, status: number) {
    super(`refused: ${reason}`)
    this.reason = reason
    this.status = status
  }
}

/** Thrown before the service can run; its message is the one sentence that the operator reads. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** JavaScript can throw anything; what follows wants a name, a message and a stack. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const error = new Error(`Thrown, although it is no Error: ${inspect(thrown)}`)
  error.name = 'NonError'
  return error
}

/** The class of an error, also where nobody set `name`. */
export function errorType(error: Error): string {
  return error.name === 'Error' ? error.constructor.name : error.name
}
