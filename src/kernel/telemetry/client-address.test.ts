import assert from 'node:assert/strict'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'

import { clientAddress, peerAddress, requestScheme } from './client-address.ts'
import { trustedProxies } from './trusted-proxies.ts'

describe('clientAddress', () => {
  it('is the peer when nobody is trusted, whatever the headers say', () => {
    const incoming = from('203.0.113.9', '198.51.100.1')

    assert.equal(clientAddress(incoming, undefined), '203.0.113.9')
  })

  it('is the peer when the peer is not trusted', () => {
    const incoming = from('203.0.113.9', '198.51.100.1')

    assert.equal(clientAddress(incoming, proxies), '203.0.113.9')
  })

  it('is what one trusted proxy saw', () => {
    const incoming = from('10.0.0.1', '198.51.100.1')

    assert.equal(clientAddress(incoming, proxies), '198.51.100.1')
  })

  it('is what the first proxy of a trusted chain saw', () => {
    const incoming = from('10.0.0.1', '198.51.100.1, 10.0.0.3, 10.0.0.2')

    assert.equal(clientAddress(incoming, proxies), '198.51.100.1')
  })

  it('is never an entry that the client wrote itself', () => {
    const incoming = from('10.0.0.1', '1.1.1.1, 10.0.0.9, 198.51.100.1, 10.0.0.2')

    assert.equal(clientAddress(incoming, proxies), '198.51.100.1')
  })

  it('is the leftmost proxy when all of the chain is trusted', () => {
    const incoming = from('10.0.0.1', '10.0.0.3, 10.0.0.2')

    assert.equal(clientAddress(incoming, proxies), '10.0.0.3')
  })

  it('is the trusted proxy itself when it names nobody', () => {
    assert.equal(clientAddress(from('10.0.0.1', undefined), proxies), '10.0.0.1')
    assert.equal(clientAddress(from('10.0.0.1', ''), proxies), '10.0.0.1')
  })

  it('leaves out the port that some proxies write', () => {
    assert.equal(clientAddress(from('10.0.0.1', '198.51.100.1:5678'), proxies), '198.51.100.1')
    assert.equal(clientAddress(from('10.0.0.1', '[2001:db8::1]:443'), proxies), '2001:db8::1')
  })

  it('leaves out brackets', () => {
    assert.equal(clientAddress(from('10.0.0.1', '[2001:db8::1]'), proxies), '2001:db8::1')
  })

  it('takes plain IPv6', () => {
    assert.equal(clientAddress(from('fd00::1', '2001:db8::1, fd00::2'), proxies), '2001:db8::1')
  })

  it('writes IPv4 plainly where it is mapped into IPv6', () => {
    const incoming = from('::ffff:10.0.0.1', '::FFFF:198.51.100.1, ::ffff:10.0.0.2')

    assert.equal(clientAddress(incoming, proxies), '198.51.100.1')
  })

  it('stops at garbage: what stands left of it proves nothing', () => {
    const incoming = from('10.0.0.1', '198.51.100.1, unknown, 10.0.0.2')

    assert.equal(clientAddress(incoming, proxies), '10.0.0.2')
  })

  it('is the peer when the only entry is garbage', () => {
    assert.equal(clientAddress(from('10.0.0.1', '<script>'), proxies), '10.0.0.1')
    assert.equal(clientAddress(from('10.0.0.1', '1.2.3.4.5'), proxies), '10.0.0.1')
    assert.equal(clientAddress(from('10.0.0.1', ',,'), proxies), '10.0.0.1')
  })

  it('is unknown when the peer is gone', () => {
    assert.equal(clientAddress(from(undefined, '198.51.100.1'), proxies), undefined)
  })
})

describe('requestScheme', () => {
  it('is what a trusted proxy says', () => {
    assert.equal(requestScheme(withProto('10.0.0.1', 'https'), proxies), 'https')
    assert.equal(requestScheme(withProto('10.0.0.1', 'http'), proxies), 'http')
  })

  it('is the own one when the peer is not trusted', () => {
    assert.equal(requestScheme(withProto('203.0.113.9', 'https'), proxies), 'http')
    assert.equal(requestScheme(withProto('10.0.0.1', 'https'), undefined), 'http')
  })

  it('is the own one when the proxy writes something else', () => {
    assert.equal(requestScheme(withProto('10.0.0.1', 'https, http'), proxies), 'http')
    assert.equal(requestScheme(withProto('10.0.0.1', 'gopher'), proxies), 'http')
  })

  it('is https on an encrypted socket', () => {
    const incoming = { headers: {}, socket: { remoteAddress: '203.0.113.9', encrypted: true } }

    assert.equal(requestScheme(incoming as unknown as IncomingMessage, undefined), 'https')
  })
})

describe('peerAddress', () => {
  it('writes IPv4 plainly on a dual-stack socket', () => {
    assert.equal(peerAddress(from('::ffff:192.0.2.1', undefined)), '192.0.2.1')
  })

  it('leaves IPv6 as it is', () => {
    assert.equal(peerAddress(from('2001:db8::ffff:1', undefined)), '2001:db8::ffff:1')
  })
})

const proxies = trustedProxies().parse('10.0.0.0/8, fd00::/8')

function from(peer: string | undefined, forwardedFor: string | undefined): IncomingMessage {
  return incomingOf(peer, { 'x-forwarded-for': forwardedFor })
}

function withProto(peer: string, proto: string): IncomingMessage {
  return incomingOf(peer, { 'x-forwarded-proto': proto })
}

function incomingOf(peer: string | undefined, headers: IncomingHttpHeaders): IncomingMessage {
  return { headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage
}
