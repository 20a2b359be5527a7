import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { z } from 'zod'

import { otelSettings } from '../../otel-settings.ts'
import { otlpTarget } from './otlp-target.ts'
import { selfSigned } from './testing/self-signed.ts'

describe('otlpTarget', () => {
  it('is gRPC without compression unless told otherwise', () => {
    assert.deepEqual(targetOf('spans', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }), {
      signal: 'spans',
      protocol: 'grpc',
      url: 'http://collector:4317',
      headers: {},
      gzip: false,
      timeoutMillis: 10_000,
      tls: {},
    })
  })

  it('is none without an endpoint, or where no OTLP is wanted', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }

    assert.equal(targetOf('spans', {}), undefined)
    assert.equal(targetOf('logs', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:1' }), undefined)
    assert.equal(targetOf('spans', { ...endpoint, OTEL_TRACES_EXPORTER: 'console' }), undefined)
    assert.equal(targetOf('logs', { ...endpoint, OTEL_LOGS_EXPORTER: 'otlp,none' }), undefined)
    assert.ok(targetOf('logs', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }))
  })

  it('leaves out the path for gRPC', () => {
    const urls = [
      'http://collector:4317/',
      'https://user:secret@collector:4317/v1/traces?a=b',
      'HTTP://Collector:4317',
    ].map((url) => targetOf('spans', { OTEL_EXPORTER_OTLP_ENDPOINT: url })?.url)

    assert.deepEqual(urls, [
      'http://collector:4317',
      'https://collector:4317',
      'http://collector:4317',
    ])
  })

  it('adds the path of the signal for HTTP, but to the general endpoint alone', () => {
    const http = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
    const general = (url: string, signal: 'spans' | 'logs') =>
      targetOf(signal, { ...http, OTEL_EXPORTER_OTLP_ENDPOINT: url })?.url

    assert.equal(general('http://collector:4318', 'spans'), 'http://collector:4318/v1/traces')
    assert.equal(general('http://collector/otlp/', 'logs'), 'http://collector/otlp/v1/logs')
    assert.equal(
      targetOf('logs', {
        ...http,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1',
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://b:2',
      })?.url,
      'http://b:2/',
    )
  })

  it('takes what is said of the signal before what is said of both', () => {
    const target = targetOf('logs', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://b:2/logs',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '2',
      OTEL_EXPORTER_OTLP_HEADERS: 'X-Tenant=general,authorization=Basic%20abc,empty=',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-tenant=blue%2C%20green',
    })

    assert.deepEqual(target, {
      signal: 'logs',
      protocol: 'http/protobuf',
      url: 'http://b:2/logs',
      headers: { 'x-tenant': 'blue, green', authorization: 'Basic abc' },
      gzip: false,
      timeoutMillis: 2,
      tls: {},
    })
  })

  it('takes no timeout that a timer cannot keep', () => {
    const target = targetOf('spans', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317',
      OTEL_EXPORTER_OTLP_TIMEOUT: '9999999999',
    })

    assert.equal(target?.timeoutMillis, 2_147_483_647)
  })

  it('reads certificates, but only for https, and a client key only with its certificate', (t) => {
    const { files, key, cert } = selfSigned(t)
    const secure = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4317',
      OTEL_EXPORTER_OTLP_CERTIFICATE: files.key,
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: files.cert,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: files.key,
    }

    assert.deepEqual(targetOf('spans', secure)?.tls, { ca: cert })
    assert.deepEqual(
      targetOf('spans', { ...secure, OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: files.cert })
        ?.tls,
      { ca: cert, cert, key },
    )
    assert.deepEqual(
      targetOf('spans', { ...secure, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' })?.tls,
      {},
    )
  })
})

function targetOf(signal: 'spans' | 'logs', environment: Record<string, string>) {
  return otlpTarget(z.object(otelSettings).parse(environment), signal)
}
