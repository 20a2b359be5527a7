import type { IncomingMessage } from 'node:http'
import type { BlockList } from 'node:net'

import { clientAddress, peerAddress, requestScheme } from './client-address.ts'
import { redactQuery } from './redaction.ts'

// RFC 9110, PATCH (RFC 5789) and QUERY: the closed set of the semantic conventions.
const knownMethods = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
])

/** What is known of a request before it is answered, under the names of the semantic conventions. */
export interface RequestAttributes {
  'http.request.method': string
  'http.request.method_original'?: string
  'url.scheme': string
  'url.path': string
  'url.query'?: string
  'server.address'?: string
  'server.port'?: number
  'client.address'?: string
  'network.peer.address'?: string
  'network.peer.port'?: number
  'network.protocol.version': string
  'user_agent.original'?: string
}

export function requestAttributes(
  request: Request,
  incoming: IncomingMessage,
  trustedProxies: BlockList | undefined,
): RequestAttributes {
  const method = incoming.method ?? 'GET'
  const isKnown = knownMethods.has(method)
  const scheme = requestScheme(incoming, trustedProxies)
  const { path, query } = pathAndQuery(request.url)
  const userAgent = incoming.headers['user-agent']
  const client = clientAddress(incoming, trustedProxies)
  const peer = peerAddress(incoming)
  return {
    'http.request.method': isKnown ? method : '_OTHER',
    ...(!isKnown && { 'http.request.method_original': method }),
    'url.scheme': scheme,
    'url.path': path,
    ...(query !== '' && { 'url.query': redactQuery(query) }),
    ...serverAttributes(incoming.headers.host, scheme),
    ...(client !== undefined && { 'client.address': client }),
    ...(peer !== undefined && { 'network.peer.address': peer }),
    ...(incoming.socket.remotePort !== undefined && {
      'network.peer.port': incoming.socket.remotePort,
    }),
    'network.protocol.version': incoming.httpVersion,
    ...(userAgent !== undefined && { 'user_agent.original': userAgent }),
  }
}

/** The span's name: bounded, so never the path. An unknown method shows as `HTTP`, as the specification asks. */
export function spanName(attributes: RequestAttributes, route: string | undefined): string {
  const method = attributes['http.request.method']
  const verb = method === '_OTHER' ? 'HTTP' : method
  return route === undefined ? verb : `${verb} ${route}`
}

/** `url` is absolute, as @hono/node-server makes it; parsing it with URL would cost more than all the rest. */
function pathAndQuery(url: string): { path: string; query: string } {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const fragment = url.indexOf('#', start)
  const end = fragment < 0 ? url.length : fragment
  const question = url.indexOf('?', start)
  if (question < 0 || question > end) return { path: url.slice(start, end), query: '' }
  return { path: url.slice(start, question), query: url.slice(question + 1, end) }
}

function serverAttributes(
  host: string | undefined,
  scheme: 'http' | 'https',
): Pick<RequestAttributes, 'server.address' | 'server.port'> {
  if (!host) return {}
  const [, address = host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  return {
    'server.address': address.replace(/^\[(.*)\]$/, '$1'),
    'server.port': port ? Number(port) : scheme === 'https' ? 443 : 80,
  }
}
