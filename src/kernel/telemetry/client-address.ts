import type { IncomingMessage } from 'node:http'
import type { BlockList } from 'node:net'

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
  if (!trusted || !peer || !isTrusted(peer, trusted)) return peer

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
  const peer = peerAddress(incoming)
  if (trusted && peer && isTrusted(peer, trusted)) {
    const forwarded = incoming.headers['x-forwarded-proto']
    if (forwarded === 'https' || forwarded === 'http') return forwarded
  }
  return 'encrypted' in incoming.socket ? 'https' : 'http'
}

/** An IPv4 peer on a dual-stack socket shows as `::ffff:a.b.c.d`. */
export function peerAddress({ socket }: Pick<IncomingMessage, 'socket'>): string | undefined {
  return socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '')
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
