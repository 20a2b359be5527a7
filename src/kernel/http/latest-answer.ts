import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

// On the socket itself: a WeakMap that is written for each request costs more than all the rest of the book-keeping.
const latestAnswer = Symbol('latestAnswer')
type AnsweringSocket = Duplex & { [latestAnswer]?: ServerResponse | undefined }

export function rememberLatest(socket: AnsweringSocket, outgoing: ServerResponse): void {
  socket[latestAnswer] = outgoing
}

/** Else each connection that waits for its next request would hold all that there was to know of its last one. */
export function forgetLatest(socket: AnsweringSocket, outgoing: ServerResponse): void {
  if (socket[latestAnswer] === outgoing) socket[latestAnswer] = undefined
}

/** The answer to the last request of this connection, unless that has wholly left. */
export function latestOf(socket: AnsweringSocket): ServerResponse | undefined {
  return socket[latestAnswer]
}
