import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { describe, it } from 'node:test'

import { kernelSettings } from './settings.ts'

describe('kernelSettings', () => {
  it('has a default for everything that needs one', () => {
    assert.deepEqual(kernelSettings.parse({}), {
      PORT: 8080,
      REVISION: 'unknown',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'auto',
      DRAIN_SECONDS: 0,
      GRACE_SECONDS: 6,
      FLUSH_SECONDS: 2,
      HEADERS_TIMEOUT_SECONDS: 10,
      REQUEST_TIMEOUT_SECONDS: 30,
      KEEP_ALIVE_TIMEOUT_SECONDS: 65,
      MAX_HEADER_BYTES: 16_384,
      MAX_BODY_BYTES: 1_048_576,
      INCOMING_TRACE_CONTEXT: 'continue',
      METRICS_MAX_SERIES: 1000,
      OTEL_SDK_DISABLED: false,
      OTEL_LOG_LEVEL: 'warn',
      OTEL_RESOURCE_ATTRIBUTES: {},
      OTEL_TRACES_EXPORTER: ['otlp'],
      OTEL_LOGS_EXPORTER: ['otlp'],
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_BSP_SCHEDULE_DELAY: 5000,
      OTEL_BSP_EXPORT_TIMEOUT: 30_000,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 512,
      OTEL_BLRP_SCHEDULE_DELAY: 1000,
      OTEL_BLRP_EXPORT_TIMEOUT: 30_000,
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: 512,
      TELEMETRY_RECORDER: 'lean',
      TELEMETRY_BUFFER_BYTES: 16_777_216,
    })
  })

  it('stops within the ten seconds of docker stop unless told otherwise', () => {
    const { DRAIN_SECONDS, GRACE_SECONDS, FLUSH_SECONDS } = kernelSettings.parse({})

    assert.ok(DRAIN_SECONDS + GRACE_SECONDS + FLUSH_SECONDS < 10)
  })

  it('takes a value for each', () => {
    const given = {
      PORT: '80',
      OPS_PORT: '81',
      HOST: '::1',
      VERSION: '1.2.3',
      REVISION: 'abc',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'pretty',
      DRAIN_SECONDS: '5',
      GRACE_SECONDS: '0.5',
      FLUSH_SECONDS: '0',
      HEADERS_TIMEOUT_SECONDS: '1',
      REQUEST_TIMEOUT_SECONDS: '2',
      KEEP_ALIVE_TIMEOUT_SECONDS: '3',
      MAX_HEADER_BYTES: '1024',
      MAX_BODY_BYTES: '0',
      INCOMING_TRACE_CONTEXT: 'link',
      METRICS_MAX_SERIES: '1',
    }

    const settings = kernelSettings.parse(given)

    const asText = Object.entries(settings).map(([name, value]) => [name, String(value)])
    assert.partialDeepStrictEqual(Object.fromEntries(asText), given)
  })

  it('reads trusted proxies into a list of networks', () => {
    const { TRUSTED_PROXIES } = kernelSettings.parse({ TRUSTED_PROXIES: '10.0.0.0/8, ::1' })

    assert.ok(TRUSTED_PROXIES instanceof BlockList)
    assert.ok(TRUSTED_PROXIES.check('10.1.2.3'))
  })

  it('reads resource attributes, which may hold an equals sign in the value', () => {
    const { OTEL_RESOURCE_ATTRIBUTES } = kernelSettings.parse({
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name = test, filter=a=b,',
    })

    assert.deepEqual(OTEL_RESOURCE_ATTRIBUTES, {
      'deployment.environment.name': 'test',
      filter: 'a=b',
    })
  })

  it('reads exporters, sampler and propagators by the names of the specification', () => {
    const settings = kernelSettings.parse({
      OTEL_TRACES_EXPORTER: 'console,otlp',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_PROPAGATORS: 'tracecontext,baggage',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_LOG_LEVEL: 'DEBUG',
      OTEL_SDK_DISABLED: 'TRUE',
    })

    assert.partialDeepStrictEqual(settings, {
      OTEL_TRACES_EXPORTER: ['console', 'otlp'],
      OTEL_LOGS_EXPORTER: ['none'],
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: 0.1,
      OTEL_PROPAGATORS: ['tracecontext', 'baggage'],
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_LOG_LEVEL: 'debug',
      OTEL_SDK_DISABLED: true,
    })
  })

  it('refuses each bad value with a complaint of its own', () => {
    assert.deepEqual(
      complaintsAbout({
        PORT: 'http',
        OPS_PORT: '70000',
        LOG_LEVEL: 'loud',
        LOG_FORMAT: 'xml',
        DRAIN_SECONDS: 'soon',
        GRACE_SECONDS: '-1',
        FLUSH_SECONDS: '100000',
        HEADERS_TIMEOUT_SECONDS: '0',
        REQUEST_TIMEOUT_SECONDS: '0',
        KEEP_ALIVE_TIMEOUT_SECONDS: '0',
        MAX_HEADER_BYTES: '1023',
        MAX_BODY_BYTES: '1MB',
        INCOMING_TRACE_CONTEXT: 'ignore',
        METRICS_MAX_SERIES: '0',
      }),
      {
        PORT: 'expected a port number from 0 to 65535, got "http"',
        OPS_PORT: 'expected a port number from 0 to 65535, got "70000"',
        LOG_LEVEL: 'expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
        LOG_FORMAT: 'expected one of auto, json, pretty, got "xml"',
        DRAIN_SECONDS: 'expected a number of seconds, 0 or more, got "soon"',
        GRACE_SECONDS: 'expected a number of seconds, 0 or more, got "-1"',
        FLUSH_SECONDS: 'expected a number of seconds, 0 or more, got "100000"',
        HEADERS_TIMEOUT_SECONDS: 'expected a number of seconds above 0, got "0"',
        REQUEST_TIMEOUT_SECONDS: 'expected a number of seconds above 0, got "0"',
        KEEP_ALIVE_TIMEOUT_SECONDS: 'expected a number of seconds above 0, got "0"',
        MAX_HEADER_BYTES: 'expected a whole number from 1024, got "1023"',
        MAX_BODY_BYTES: 'expected a whole number from 0, got "1MB"',
        INCOMING_TRACE_CONTEXT: 'expected one of continue, link, got "ignore"',
        METRICS_MAX_SERIES: 'expected a whole number from 1, got "0"',
      },
    )
  })

  it('refuses what OpenTelemetry would silently misread', () => {
    assert.deepEqual(
      complaintsAbout({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'localhost:4317',
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '/v1/logs',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
        OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
        OTEL_RESOURCE_ATTRIBUTES: 'team=blue,production',
        OTEL_TRACES_SAMPLER_ARG: '10',
        OTEL_BSP_MAX_QUEUE_SIZE: '0',
      }),
      {
        OTEL_EXPORTER_OTLP_ENDPOINT:
          'expected a URL such as http://localhost:4317, got "collector:4317"',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT:
          'expected a URL such as http://localhost:4317, got "localhost:4317"',
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT:
          'expected a URL such as http://localhost:4317, got "/v1/logs"',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'expected one of grpc, http/protobuf, got "http/json"',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'expected one of gzip, none, got "zstd"',
        OTEL_EXPORTER_OTLP_TIMEOUT: 'expected a whole number from 1, got "10s"',
        OTEL_RESOURCE_ATTRIBUTES: 'expected key=value pairs separated by commas, got "production"',
        OTEL_TRACES_SAMPLER_ARG: 'expected a number from 0 to 1, got "10"',
        OTEL_BSP_MAX_QUEUE_SIZE: 'expected a whole number from 1, got "0"',
      },
    )
  })
})

function complaintsAbout(environment: Record<string, string>): Record<string, string> {
  const issues = kernelSettings.safeParse(environment).error?.issues ?? []
  return Object.fromEntries(issues.map(({ path, message }) => [path.join('.'), message]))
}
