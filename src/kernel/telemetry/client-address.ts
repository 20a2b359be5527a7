import type { IncomingMessage } from 'node:http'
import type { BlockList, Socket } from 'node:net'

import { familyOf } from './trusted-proxies.ts'

/**
 * Who asked. The peer's own address, unless the peer is a trusted proxy: then the last entry of `X-Forwarded-For` that
 * is no trusted proxy itself. Entries further left were written by the client and prove nothing.
 */
export function clientAddress(
  incoming: IncomingMessage,
  trusted: BlockList | undefined,
): string | undefined {
  const peer = peerAddress(incoming)
  if (trusted === undefined || peer === undefined || !isTrusted(peer, trusted)) return peer

  let client = peer
  for (const entry of forwardedFor(incoming).toReversed()) {
    const address = plainAddress(entry)
    if (familyOf(address) === undefined) break
    client = address
    if (!isTrusted(address, trusted)) break
  }
  return client
}

/** A trusted proxy's `X-Forwarded-Proto`, else what the socket says. */
export function requestScheme(
  incoming: IncomingMessage,
  trusted: BlockList | undefined,
): 'http' | 'https' {
  const { address, scheme } = peerOf(incoming.socket)
  if (trusted !== undefined && address !== undefined && isTrusted(address, trusted)) {
    const forwarded = incoming.headers['x-forwarded-proto']
    if (forwarded === 'https' || forwarded === 'http') return forwarded
  }
  return scheme
}

/** Who is at the other end of a connection, and how that speaks. */
export interface Peer {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly scheme: 'http' | 'https'
}

// On the socket itself: each request asks, and a WeakMap takes longer to answer than all the rest here.
const peerKey = Symbol('peer')
type KnownSocket = Socket & { [peerKey]?: Peer }

/** The same object for all requests of a connection, also when that was closed meanwhile. */
export function peerOf(socket: KnownSocket): Peer {
  const known = socket[peerKey]
  if (known !== undefined) return known

  // An IPv4 peer on a dual-stack socket shows as `::ffff:a.b.c.d`.
  const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '')
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  const peer: Peer = { address, port: socket.remotePort, scheme }
  // Not yet connected, or gone before anybody asked: nothing to remember.
  if (address !== undefined) socket[peerKey] = peer
  return peer
}

export function peerAddress({ socket }: Pick<IncomingMessage, 'socket'>): string | undefined {
  return peerOf(socket).address
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const family = familyOf(address)
  return family !== undefined && trusted.check(address, family)
}

function forwardedFor(incoming: IncomingMessage): string[] {
  const header = incoming.headers['x-forwarded-for']
  return (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
}

/** `1.2.3.4:5678`, `[2001:db8::1]:443` and `::ffff:1.2.3.4` are written by some proxies. */
function plainAddress(entry: string): string {
  const text = entry.trim()
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
  const withPort = /^([\d.]+):\d+$/.exec(text)
  return (bracketed?.[1] ?? withPort?.[1] ?? text).replace(/^::ffff:(?=\d+\.)/i, '')
}
