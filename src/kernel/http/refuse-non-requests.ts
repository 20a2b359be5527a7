import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { peerAddress } from '../telemetry/client-address.ts'
import { writeProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import { refusalProblem } from './refusals.ts'
import type { RefusalReason, Refusals } from './refusals.ts'

/** Answers and counts what Node refuses before it makes a request of it: Node itself would tell nobody. */
export function refuseNonRequests(server: Server, refusals: Refusals): void {
  const answering = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) =>
    answering.set(incoming.socket, outgoing),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const outgoing = answering.get(socket)
    if (outgoing && !outgoing.closed) {
      // A request that broke off in its body: its record tells, there is nothing to count twice.
      if (!outgoing.headersSent && socket.writable) {
        socket.write(rawAnswer(refusalProblem(reasonOf(error))))
      }
      socket.destroy(error)
      return
    }
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) {
      socket.destroy()
      return
    }
    socket.end(rawAnswer(refusals.refuse(reasonOf(error), peerAddress({ socket }))))
    socket.destroySoon()
  })
  server.on('connect', (incoming: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {})
    socket.end(rawAnswer(refusals.refuse('connect', peerAddress(incoming))))
  })
  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    writeProblem(outgoing, refusals.refuse('expectation', peerAddress(incoming)))
  })
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
