import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, Socket } from 'node:net'
import { describe, it } from 'node:test'

import { redacted } from './redaction.ts'
import { requestAttributes, spanName } from './request-attributes.ts'
import { RequestFacts } from './request-facts.ts'

describe('requestAttributes', () => {
  it('describes a request in the words of the semantic conventions', () => {
    const incoming = incomingWith({
      method: 'POST',
      headers: { host: 'example.org:8080', 'user-agent': 'curl/8' },
      peer: '192.0.2.7',
      port: 54_321,
    })
    const request = new Request('http://example.org:8080/users/1?q=a')

    const attributes = requestAttributes(new RequestFacts(request, incoming, undefined))

    assert.deepEqual(attributes, {
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'url.path': '/users/1',
      'url.query': 'q=a',
      'server.address': 'example.org',
      'server.port': 8080,
      'client.address': '192.0.2.7',
      'network.peer.address': '192.0.2.7',
      'network.peer.port': 54_321,
      'network.protocol.version': '1.1',
      'user_agent.original': 'curl/8',
    })
  })

  it('leaves out what it does not know', () => {
    const attributes = requestAttributes(
      new RequestFacts(new Request('http://x/'), incomingWith({}), undefined),
    )

    assert.deepEqual(attributes, {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/',
      'network.protocol.version': '1.1',
    })
  })

  it('keeps an unknown method apart', () => {
    const incoming = incomingWith({ method: 'PROPFIND' })

    assert.partialDeepStrictEqual(attributesOf(incoming), {
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
    })
  })

  it('knows QUERY and PATCH', () => {
    const query = attributesOf(incomingWith({ method: 'QUERY' }))
    const patch = attributesOf(incomingWith({ method: 'PATCH' }))

    assert.equal(query['http.request.method'], 'QUERY')
    assert.equal(patch['http.request.method'], 'PATCH')
    assert.equal('http.request.method_original' in query, false)
  })

  it('takes secrets out of the query', () => {
    const attributes = attributesOf(incomingWith({}), 'http://x/a?token=abc&q=1&pass%77ord=x')

    assert.equal(attributes['url.query'], `token=${redacted}&q=1&pass%77ord=${redacted}`)
  })

  it('keeps the fragment out of path and query', () => {
    const withQuery = attributesOf(incomingWith({}), 'http://x/a?q=1#part?token=abc')
    const without = attributesOf(incomingWith({}), 'http://x/a#part?token=abc')

    assert.partialDeepStrictEqual(withQuery, { 'url.path': '/a', 'url.query': 'q=1' })
    assert.equal(without['url.path'], '/a')
    assert.equal('url.query' in without, false)
  })

  it('finds the path of an absolute URL, also where the query holds another one', () => {
    const attributes = attributesOf(
      incomingWith({}),
      'https://a.example/b/c?next=http://d.example/e',
    )

    assert.partialDeepStrictEqual(attributes, {
      'url.path': '/b/c',
      'url.query': 'next=http://d.example/e',
    })
  })

  it('leaves an empty query out', () => {
    const attributes = attributesOf(incomingWith({}), 'http://x/a?')

    assert.equal(attributes['url.path'], '/a')
    assert.equal('url.query' in attributes, false)
  })

  it('reads the address of the server from Host, with the port of the scheme', () => {
    const incoming = incomingWith({ headers: { host: 'example.org' } })

    assert.partialDeepStrictEqual(attributesOf(incoming), {
      'server.address': 'example.org',
      'server.port': 80,
    })
  })

  it('reads an IPv6 address with and without a port', () => {
    const withPort = attributesOf(incomingWith({ headers: { host: '[2001:db8::1]:8080' } }))
    const without = attributesOf(incomingWith({ headers: { host: '[::1]' } }))

    assert.partialDeepStrictEqual(withPort, {
      'server.address': '2001:db8::1',
      'server.port': 8080,
    })
    assert.partialDeepStrictEqual(without, { 'server.address': '::1', 'server.port': 80 })
  })

  it('shows a dual-stack peer by its IPv4 address', () => {
    const attributes = attributesOf(incomingWith({ peer: '::ffff:192.0.2.7' }))

    assert.partialDeepStrictEqual(attributes, {
      'client.address': '192.0.2.7',
      'network.peer.address': '192.0.2.7',
    })
  })

  it('believes no forwarding header where no proxy is trusted', () => {
    const incoming = incomingWith({
      peer: '192.0.2.7',
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
    })

    assert.partialDeepStrictEqual(attributesOf(incoming), {
      'client.address': '192.0.2.7',
      'url.scheme': 'http',
    })
  })

  it('believes a trusted proxy about client and scheme, but shows it as the peer', () => {
    const incoming = incomingWith({
      peer: '10.1.2.3',
      headers: {
        host: 'example.org',
        'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.0.0.1',
        'x-forwarded-proto': 'https',
      },
    })

    const attributes = requestAttributes(
      new RequestFacts(new Request('http://x/'), incoming, privateNetwork()),
    )

    assert.partialDeepStrictEqual(attributes, {
      'client.address': '203.0.113.9',
      'network.peer.address': '10.1.2.3',
      'url.scheme': 'https',
      'server.port': 443,
    })
  })

  it('believes nobody else than the trusted proxies', () => {
    const incoming = incomingWith({
      peer: '192.0.2.7',
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
    })

    const attributes = requestAttributes(
      new RequestFacts(new Request('http://x/'), incoming, privateNetwork()),
    )

    assert.partialDeepStrictEqual(attributes, {
      'client.address': '192.0.2.7',
      'url.scheme': 'http',
    })
  })
})

describe('spanName', () => {
  it('is method and route', () => {
    assert.equal(spanName('GET', '/users/:id'), 'GET /users/:id')
  })

  it('is the method alone where no route answered', () => {
    assert.equal(spanName('DELETE', undefined), 'DELETE')
  })

  it('shows an unknown method as HTTP', () => {
    assert.equal(spanName('PROPFIND', '/files'), 'HTTP /files')
    assert.equal(spanName('PROPFIND', undefined), 'HTTP')
  })
})

function attributesOf(incoming: IncomingMessage, url = 'http://x/') {
  return requestAttributes(new RequestFacts(new Request(url), incoming, undefined))
}

function incomingWith(parts: {
  method?: string
  headers?: IncomingHttpHeaders
  peer?: string
  port?: number
}): IncomingMessage {
  const socket = new Socket()
  Object.defineProperties(socket, {
    remoteAddress: { value: parts.peer },
    remotePort: { value: parts.port },
  })
  return Object.assign(new IncomingMessage(socket), {
    method: parts.method ?? 'GET',
    headers: parts.headers ?? {},
    httpVersion: '1.1',
  })
}

function privateNetwork(): BlockList {
  const network = new BlockList()
  network.addSubnet('10.0.0.0', 8, 'ipv4')
  return network
}
