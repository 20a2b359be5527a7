import type { IncomingMessage } from 'node:http'
import type { BlockList } from 'node:net'

import { clientAddress, peerOf, requestScheme } from './client-address.ts'
import type { Peer } from './client-address.ts'

/** What is known of a request before it is answered, as it came. */
export interface RequestFacts {
  method: string
  scheme: 'http' | 'https'
  path: string
  /** Without the `?`; secrets are still in it. Empty if there is none. */
  query: string
  host: string | undefined
  client: string | undefined
  peer: Peer
  protocolVersion: string
  userAgent: string | undefined
}

/** To be asked at once: a socket that was closed does not know its peer any more. */
export function requestFacts(
  request: Request,
  incoming: IncomingMessage,
  trustedProxies: BlockList | undefined,
): RequestFacts {
  const { url } = request
  const { headers } = incoming
  // `url` is absolute, as @hono/node-server makes it; parsing it with URL would cost more than all the rest.
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const fragment = url.indexOf('#', start)
  const end = fragment < 0 ? url.length : fragment
  const question = url.indexOf('?', start)
  const hasQuery = question >= 0 && question < end
  return {
    method: incoming.method ?? 'GET',
    scheme: requestScheme(incoming, trustedProxies),
    path: url.slice(start, hasQuery ? question : end),
    query: hasQuery ? url.slice(question + 1, end) : '',
    host: headers.host,
    client: clientAddress(incoming, trustedProxies),
    peer: peerOf(incoming.socket),
    protocolVersion: incoming.httpVersion,
    userAgent: headers['user-agent'],
  }
}
