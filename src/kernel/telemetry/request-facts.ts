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

const questionMark = 0x3f
const hash = 0x23
const colon = 0x3a

/** To be asked at once: a socket that was closed does not know its peer any more. */
export function requestFacts(
  request: Request,
  incoming: IncomingMessage,
  trustedProxies: BlockList | undefined,
): RequestFacts {
  const { url } = request
  const { headers, socket } = incoming
  // `url` is absolute, as @hono/node-server makes it; parsing it with URL would cost more than all the rest.
  const start = url.indexOf('/', url.charCodeAt('http'.length) === colon ? 7 : 8)
  const pathEnd = endOfPath(url, start)
  return {
    method: incoming.method ?? 'GET',
    scheme: requestScheme(incoming, trustedProxies),
    path: url.slice(start, pathEnd),
    query: url[pathEnd] === '?' ? queryAt(url, pathEnd + 1) : '',
    host: headers.host,
    client: clientAddress(incoming, trustedProxies),
    peer: peerOf(socket),
    protocolVersion: incoming.httpVersion,
    userAgent: headers['user-agent'],
  }
}

function endOfPath(url: string, start: number): number {
  let end = start
  for (; end < url.length; end += 1) {
    const code = url.charCodeAt(end)
    if (code === questionMark || code === hash) return end
  }
  return end
}

function queryAt(url: string, start: number): string {
  const fragment = url.indexOf('#', start)
  return fragment < 0 ? url.slice(start) : url.slice(start, fragment)
}
