import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'

import { ServiceError, statusOfFault } from '../errors.ts'

/** An RFC 9457 problem document. `code` is for programs, `detail` for people. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  trace_id?: string
  [extension: string]: unknown
}

export function problem(
  status: number,
  code: string,
  detail: string,
  extensions: Record<string, unknown> = {},
): Problem {
  // `about:blank` promises that the title is the status' own phrase; `code` tells the kinds apart.
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? '',
    status,
    detail,
    code,
    ...extensions,
  }
}

export function problemOf(error: Error): Problem {
  return error instanceof ServiceError
    ? problem(statusOfFault[error.fault], error.code, error.message, error.extensions)
    : problem(
        500,
        'internal-error',
        'Something went wrong that should not. If you report it, give the trace_id.',
      )
}

export function problemResponse(
  document: Problem,
  traceId: string | undefined,
  headers: Record<string, string> = {},
): Response {
  const { type, title, status, detail, code, ...extensions } = document
  const body = JSON.stringify({
    type,
    title,
    status,
    detail,
    code,
    ...(traceId !== undefined && { trace_id: traceId }),
    ...extensions,
  })
  return new Response(`${body}\n`, {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  })
}

/** Where there is no fetch handler to return a Response to. */
export function writeProblem(outgoing: ServerResponse, document: Problem): void {
  outgoing.writeHead(document.status, {
    'content-type': 'application/problem+json',
    connection: 'close',
  })
  outgoing.end(`${JSON.stringify(document)}\n`)
}
