import { ServerResponse } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

import type { RequestRecord } from '../telemetry/request-recorder.ts'
import { forgetLatest } from './latest-answer.ts'

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * An answer that names its trace. The header joins those that are written anyway: one set before would send all of them
 * down Node's slow path, half a microsecond a request.
 */
export class TracedResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  /** The request's; undefined where it leaves none. */
  // Declared only: for a field that begins as undefined, or a private method, there would be a constructor to run.
  declare record: RequestRecord | undefined

  override writeHead(
    statusCode: number,
    messageOrHeaders?: string | Headers,
    headers?: Headers,
  ): this {
    const hasMessage = typeof messageOrHeaders === 'string'
    const all = withTraceId(this, hasMessage ? headers : messageOrHeaders)
    return hasMessage
      ? super.writeHead(statusCode, messageOrHeaders, all)
      : super.writeHead(statusCode, all)
  }

  /** What Node calls when all of the answer was handed to the socket. */
  override detachSocket(socket: Socket): void {
    super.detachSocket(socket)
    forgetLatest(socket, this)
  }
}

function withTraceId(response: TracedResponse, headers: Headers | undefined): Headers | undefined {
  const traceId = response.record?.traceId
  if (traceId === undefined || response.headersSent) return headers
  if (Array.isArray(headers)) response.setHeader('x-trace-id', traceId)
  // Who writes one of its own, in whatever letters, has a reason to.
  if (Array.isArray(headers) || namesTrace(headers)) return headers
  return { ...headers, 'x-trace-id': traceId }
}

function namesTrace(headers: OutgoingHttpHeaders | undefined): boolean {
  for (const name in headers) {
    if (name.length === 10 && name.toLowerCase() === 'x-trace-id') return true
  }
  return false
}
