import { METHODS } from 'node:http'

import { below, chance, charactersOf, hexOf, listOf, pick } from './random.ts'
import type { Random } from './random.ts'
import type { Ask } from './http-client.ts'

// Node's client sends these as requests with a body and an answer as any other.
const methods = METHODS.filter((method) => method !== 'CONNECT')

const roots = ['/random', '/random', '/random', '/parcels', '/files', '/nowhere', '/bug', '/status']

/** A request that arrives: everything in it that Node's client sends. */
export function randomRequest(random: Random, index: number): Ask {
  const method = chance(random, 0.7) ? 'GET' : pick(random, methods)
  return {
    method,
    path: `${pick(random, roots)}/${pathOf(random)}${queryOf(random)}`,
    headers: headersOf(random, index),
    ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: 'x'.repeat(below(random, 50)) }),
  }
}

function pathOf(random: Random): string {
  const kind = random()
  if (kind < 0.6) return String(below(random, 1_000_000))
  if (kind < 0.8) return charactersOf(random, below(random, 40), 0x21, 0x7e).replaceAll(/[?#]/g, '')
  if (kind < 0.9) return encodeURIComponent(charactersOf(random, below(random, 20), 0, 0x7ff))
  if (kind < 0.95) return pick(random, ['token=abc', 'a:b', '"', '%', 'x//y', '..', ''])
  return 'p'.repeat(below(random, 3000))
}

function queryOf(random: Random): string {
  if (chance(random, 0.6)) return ''
  const names = ['q', 'token', 'page', 'api_key', 'X-Amz-Signature', '%74oken', 'größe', '']
  const pairs = listOf(
    below(random, 4),
    () => `${encodeURI(pick(random, names))}${pick(random, ['=', '', '=='])}${hexOf(random, 6)}`,
  )
  return `?${pairs.join(pick(random, ['&', '&&', ';']))}`
}

function headersOf(random: Random, index: number): Record<string, string> {
  return {
    'x-index': String(index),
    host: pick(random, ['a.test', 'b.test:81', '[::1]:8080', 'UPPER.test', '127.0.0.1']),
    ...(chance(random, 0.7) && { 'user-agent': userAgentOf(random) }),
    ...(chance(random, 0.4) && { traceparent: traceparentOf(random) }),
    ...(chance(random, 0.1) && { tracestate: pick(random, ['a=1', 'a=1,b=2', '', 'x']) }),
    ...(chance(random, 0.1) && { baggage: pick(random, ['tenant=blue', 'a=1,b=2;c', 'x']) }),
    ...(chance(random, 0.1) && { b3: `${hexOf(random, 32)}-${hexOf(random, 16)}-1` }),
    ...(chance(random, 0.2) && { 'x-forwarded-for': forwardedOf(random) }),
    ...(chance(random, 0.1) && { 'x-forwarded-proto': pick(random, ['http', 'https', 'ws']) }),
  }
}

function userAgentOf(random: Random): string {
  return chance(random, 0.7)
    ? pick(random, ['curl/8', 'Mozilla/5.0 "X"', 'größe', ''])
    : charactersOf(random, below(random, 200), 0x20, 0xff).replaceAll('\u007f', '')
}

function traceparentOf(random: Random): string {
  const flags = pick(random, ['00', '01', '01', '01', '03', 'ff'])
  const version = chance(random, 0.95) ? '00' : pick(random, ['01', 'ff', 'x'])
  const traceId = chance(random, 0.95) ? hexOf(random, 32) : '0'.repeat(32)
  return `${version}-${traceId}-${hexOf(random, 16)}-${flags}`
}

function forwardedOf(random: Random): string {
  const addresses = ['203.0.113.9', '10.0.0.7', '[2001:db8::7]:443', 'fe80::1%eth0', 'nobody', '']
  return listOf(1 + below(random, 3), () => pick(random, addresses)).join(', ')
}
