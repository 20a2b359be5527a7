import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { durationBucketsSeconds } from '../src/kernel/telemetry/request-metrics.ts'

interface ComposeService {
  image?: string
  restart?: string
  ports?: string[]
  mem_limit?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  logging?: { options: Record<string, string> }
  stop_grace_period?: string
  profiles?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: object
}

const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>
}
const lasting = Object.entries(services).filter(([, { restart }]) => restart !== 'no')

describe('docker-compose.yml', () => {
  it('binds every port to 127.0.0.1, and lets .env change it', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? [])

    assert.ok(ports.length >= 7)
    assert.deepEqual(
      ports.filter((port) => !/^127\.0\.0\.1:\$\{[A-Z_]+_PORT:-\d+\}:\d+$/.test(port)),
      [],
    )
  })

  it('limits memory, to less than 1.5 GB together', () => {
    const megabytes = Object.values(services).map(({ mem_limit: limit = '', profiles }) => {
      assert.match(limit, /^\d+m$/)
      return profiles ? 0 : Number.parseInt(limit, 10)
    })

    const bytes = megabytes.reduce((sum, size) => sum + size, 0) * 1024 ** 2
    assert.ok(bytes < 1.5e9, `${bytes}`)
  })

  it('takes privileges away, rotates logs, restarts what fails', () => {
    for (const [name, service] of lasting) {
      assert.equal(service.restart, 'unless-stopped', name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      assert.ok(service.logging?.options['max-size'], name)
      assert.ok(service.logging?.options['max-file'], name)
      assert.ok(Number.parseInt(service.stop_grace_period ?? '', 10) >= 15, name)
    }
  })

  it('names images by version, without a digest', () => {
    for (const [name, { image = '' }] of lasting) {
      if (name === 'service') continue
      assert.match(image, /^[a-z/-]+:v?\d+\.\d+\.\d+$/, name)
    }
  })

  it('waits for health where there is a health check, and for the end of what ends', () => {
    for (const [name, { depends_on: dependencies = {} }] of Object.entries(services)) {
      for (const [needed, { condition }] of Object.entries(dependencies)) {
        const expected = services[needed]?.healthcheck
          ? 'service_healthy'
          : services[needed]?.restart === 'no'
            ? 'service_completed_successfully'
            : 'service_started'
        assert.equal(condition, expected, `${name} on ${needed}`)
      }
    }
  })
})

describe('the configuration of the stack', () => {
  it('opens each file with what it is and its trap', () => {
    const files = globSync('{otel-collector,prometheus,jaeger,loki,alertmanager}/*.yaml')

    assert.ok(files.length >= 5)
    for (const file of ['docker-compose.yml', ...files]) {
      const [head = ''] = readFileSync(file, 'utf8').split(/\n(?!#)/)
      assert.match(head, /^# /, file)
      assert.match(head, /trap/i, file)
    }
  })

  it('has the buckets of span metrics equal to those of the service', () => {
    const { connectors } = parse(readFileSync('otel-collector/config.yaml', 'utf8')) as {
      connectors: { span_metrics: { histogram: { explicit: { buckets: string[] } } } }
    }

    assert.deepEqual(
      connectors.span_metrics.histogram.explicit.buckets.map(seconds),
      durationBucketsSeconds,
    )
  })
})

function seconds(duration: string): number {
  return Number.parseFloat(duration) / (duration.endsWith('ms') ? 1000 : 1)
}
