import type { IncomingMessage } from 'node:http'
import type { BlockList } from 'node:net'

import { clientAddress, peerOf, requestScheme } from './client-address.ts'
import type { Peer } from './client-address.ts'

/**
 * What is known of a request before it is answered, as it came. To be made at once: a socket that was closed does not know
 * its peer any more. Neither request nor socket is held.
 */
export class RequestFacts {
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly host: string | undefined
  readonly client: string | undefined
  readonly peer: Peer
  readonly protocolVersion: string
  readonly userAgent: string | undefined
  readonly #url: string
  // Taken out of the URL when somebody asks: the router has made flat text of it by then.
  #path: string | undefined
  #query = ''

  constructor({ url }: Request, incoming: IncomingMessage, trustedProxies: BlockList | undefined) {
    const { headers } = incoming
    const peer = peerOf(incoming.socket)
    this.method = incoming.method ?? 'GET'
    this.scheme = trustedProxies ? requestScheme(incoming, trustedProxies) : peer.scheme
    this.host = headers.host
    this.client = trustedProxies ? clientAddress(incoming, trustedProxies) : peer.address
    this.peer = peer
    this.protocolVersion = incoming.httpVersion
    this.userAgent = headers['user-agent']
    this.#url = url
  }

  get path(): string {
    return this.#path ?? this.#readTarget()
  }

  /** Without the `?`; secrets are still in it. Empty if there is none. */
  get query(): string {
    if (this.#path === undefined) this.#readTarget()
    return this.#query
  }

  // `url` is absolute, as @hono/node-server makes it; parsing it with URL would cost more than all the rest.
  #readTarget(): string {
    const url = this.#url
    const start = url.indexOf('/', shortestOrigin)
    const fragment = url.indexOf('#', start)
    const end = fragment < 0 ? url.length : fragment
    const mark = url.indexOf('?', start)
    const hasQuery = mark >= 0 && mark < end
    const path = url.slice(start, hasQuery ? mark : end)
    this.#path = path
    if (hasQuery) this.#query = url.slice(mark + 1, end)
    return path
  }
}

const shortestOrigin = 'http://h'.length
