import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { RefusedError } from '../errors.ts'
import { peerAddress } from '../telemetry/client-address.ts'
import { latestOf } from './latest-answer.ts'
import { writeProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import type { RefusalReason, Refusals } from './refusals.ts'

/** Answers and counts what Node refuses before it makes a request of it: Node itself would tell nobody. */
export function refuseNonRequests(server: Server, refusals: Refusals): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const outgoing = latestOf(socket)
    const isUnderWay = outgoing !== undefined && !outgoing.closed
    if (hasLeft(error, isUnderWay) || !socket.writable) {
      socket.destroy()
      return
    }
    const problem = refusals.refuse(reasonOf(error), peerAddress({ socket }))
    if (isUnderWay) cutOff(outgoing, socket, problem)
    else endWith(socket, problem)
  })
  server.on('connect', (incoming: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {})
    endWith(socket, refusals.refuse('connect', peerAddress(incoming)))
  })
  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    writeProblem(outgoing, refusals.refuse('expectation', peerAddress(incoming)))
  })
}

/** A request that ends in the middle of its body is one whose client went away; it is in the record. */
function hasLeft({ code }: NodeJS.ErrnoException, isUnderWay: boolean): boolean {
  if (code === 'HPE_INVALID_EOF_STATE') return isUnderWay
  return code === 'ECONNRESET' || code === 'EPIPE'
}

function cutOff(outgoing: ServerResponse, socket: Socket, problem: Problem): void {
  if (outgoing.req.complete) {
    // What is wrong came after this request, whose answer may still be wanted.
    outgoing.once('close', () => endWith(socket, problem))
    return
  }
  if (!outgoing.headersSent) socket.write(rawAnswer(problem))
  outgoing.destroy(new RefusedError(problem.code, problem.status))
}

/** Not left to the other side to close: it is no connection of the HTTP server's any more, and no time limit ends it. */
function endWith(socket: Duplex, problem: Problem): void {
  if (socket.writable) socket.end(rawAnswer(problem), () => socket.destroy())
  else socket.destroy()
}

function reasonOf({ code }: NodeJS.ErrnoException): RefusalReason {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'timeout'
    case 'HPE_HEADER_OVERFLOW':
      return 'headers_too_large'
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'chunk_extensions_too_large'
    case 'HPE_INVALID_METHOD':
      return 'unknown_method'
    default:
      return 'malformed'
  }
}

/** There is no ServerResponse for what was no request. */
function rawAnswer(problem: Problem): string {
  const body = `${JSON.stringify(problem)}\n`
  return [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
