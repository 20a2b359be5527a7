import { redactQuery } from './redaction.ts'
import type { RequestFacts } from './request-facts.ts'

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
export interface RequestAttributes extends ConnectionAttributes {
  'http.request.method': string
  'http.request.method_original'?: string
  'url.scheme': string
  'url.path': string
  'url.query'?: string
}

export interface ConnectionAttributes {
  'server.address'?: string
  'server.port'?: number
  'client.address'?: string
  'network.peer.address'?: string
  'network.peer.port'?: number
  'network.protocol.version': string
  'user_agent.original'?: string
}

export function requestAttributes(facts: RequestFacts): RequestAttributes {
  const { method, query } = facts
  return {
    'http.request.method': methodAttribute(method),
    ...(!knownMethods.has(method) && { 'http.request.method_original': method }),
    'url.scheme': facts.scheme,
    'url.path': facts.path,
    ...(query !== '' && { 'url.query': redactQuery(query) }),
    ...connectionAttributes(facts),
  }
}

/** Those that are the same for all requests of a connection, as a rule. */
export function connectionAttributes({
  host,
  scheme,
  client,
  peer,
  protocolVersion,
  userAgent,
}: RequestFacts): ConnectionAttributes {
  return {
    ...serverAttributes(host, scheme),
    ...(client !== undefined && { 'client.address': client }),
    ...(peer.address !== undefined && { 'network.peer.address': peer.address }),
    ...(peer.port !== undefined && { 'network.peer.port': peer.port }),
    'network.protocol.version': protocolVersion,
    ...(userAgent !== undefined && { 'user_agent.original': userAgent }),
  }
}

/** `http.request.method`: one of a closed set, whatever was sent. */
export function methodAttribute(method: string): string {
  return knownMethods.has(method) ? method : '_OTHER'
}

/** The span's name: bounded, so never the path. An unknown method shows as `HTTP`, as the specification asks. */
export function spanName(method: string, route: string | undefined): string {
  const verb = knownMethods.has(method) ? method : 'HTTP'
  return route === undefined ? verb : `${verb} ${route}`
}

type ServerAttributes = Pick<ConnectionAttributes, 'server.address' | 'server.port'>

// A service has few names; whoever makes some up is read each time.
const mostRememberedHosts = 100
const knownHosts = new Map<string, ServerAttributes>()

function serverAttributes(host: string | undefined, scheme: 'http' | 'https'): ServerAttributes {
  if (!host) return {}
  const key = `${scheme}://${host}`
  const known = knownHosts.get(key)
  if (known) return known
  const attributes = readHost(host, scheme)
  if (knownHosts.size < mostRememberedHosts) knownHosts.set(key, attributes)
  return attributes
}

function readHost(host: string, scheme: 'http' | 'https'): ServerAttributes {
  const [, address = host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  return {
    'server.address': address.replace(/^\[(.*)\]$/, '$1'),
    'server.port': port ? Number(port) : scheme === 'https' ? 443 : 80,
  }
}
