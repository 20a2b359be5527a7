import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { settings } from '../src/settings.ts'

interface ComposeService {
  image?: string
  user?: string
  command?: string[]
  environment?: Record<string, string>
  ports?: string[]
  volumes?: string[]
  mem_limit?: string
  restart?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
}

const example = join(import.meta.dirname, '..')
const { services } = parse(readFileSync(join(example, 'compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>
}
const { prometheus, grafana, ...ours } = services
const redis = Object.entries(ours).filter(([name]) => name.startsWith('redis-'))

describe('compose.yml', () => {
  it('takes privileges away, limits memory and restarts what fails', () => {
    assert.deepEqual(Object.keys(ours), [
      'key-value',
      'redis-primary',
      'redis-replica-1',
      'redis-replica-2',
    ])
    for (const [name, service] of Object.entries(ours)) {
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      assert.equal(service.read_only, true, name)
      assert.equal(service.restart, 'unless-stopped', name)
      assert.match(service.mem_limit ?? '', /^\d+m$/, name)
    }
  })

  it('opens the port of the service alone, on 127.0.0.1, where .env can change it', () => {
    const ports = Object.values(ours).flatMap((service) => service.ports ?? [])

    assert.deepEqual(ports, ['127.0.0.1:${KEY_VALUE_PORT:-8082}:8082'])
    assert.equal(ours['key-value']?.environment?.['PORT'], '8082')
  })

  it('gives the service settings that it takes, and servers that exist', () => {
    const { environment = {} } = ours['key-value'] ?? {}
    const read = settings.parse({
      REDIS_PRIMARY_URL: environment['REDIS_PRIMARY_URL'],
      REDIS_REPLICA_URLS: environment['REDIS_REPLICA_URLS'],
    })
    const urls = [read.REDIS_PRIMARY_URL, ...read.REDIS_REPLICA_URLS]

    assert.deepEqual(
      urls.map((url) => new URL(url).hostname),
      redis.map(([name]) => name),
    )
    for (const [name] of redis) {
      assert.equal(ours['key-value']?.depends_on?.[name]?.condition, 'service_healthy')
    }
  })

  it('has a primary that keeps what it confirmed, and throws nothing away when it is full', () => {
    const command = ours['redis-primary']?.command?.join(' ') ?? ''

    for (const option of [
      '--appendonly yes',
      '--appendfsync everysec',
      '--maxmemory-policy noeviction',
    ]) {
      assert.ok(command.includes(option), option)
    }
    const [, maxMemory] = /--maxmemory (\d+)mb/.exec(command) ?? []
    assert.ok(Number(maxMemory) * 2 < Number.parseInt(ours['redis-primary']?.mem_limit ?? '', 10))
  })

  it('has replicas that are told their primary as an argument', () => {
    for (const name of ['redis-replica-1', 'redis-replica-2']) {
      const command = ours[name]?.command ?? []
      assert.equal(command[command.indexOf('--replicaof') + 1], 'redis-primary 6379')
      assert.equal(command[command.indexOf('--replica-read-only') + 1], 'yes')
      assert.deepEqual(ours[name]?.volumes, [`${name}:/data`])
    }
  })

  it('names the version of Redis, runs it as its own user and asks how it is', () => {
    for (const [name, { image, user, healthcheck }] of redis) {
      assert.match(image ?? '', /^redis:\d+\.\d+\.\d+-alpine$/, name)
      assert.equal(user, 'redis')
      assert.deepEqual(healthcheck?.test, ['CMD-SHELL', 'redis-cli ping | grep -q PONG'])
    }
  })

  it('mounts only what exists, from the root', () => {
    const mounts = [...(prometheus?.volumes ?? []), ...(grafana?.volumes ?? [])]

    assert.equal(mounts.length, 3)
    for (const mount of mounts) {
      assert.match(mount, /:ro$/)
      assert.ok(existsSync(join(example, '../..', mount.split(':')[0] ?? '')), mount)
    }
  })
})

describe('prometheus/targets.yaml', () => {
  it('names the service as its job, and the address that compose gives it', () => {
    const targets = parse(readFileSync(join(example, 'prometheus/targets.yaml'), 'utf8')) as unknown

    assert.deepEqual(targets, [
      { targets: ['key-value:8082'], labels: { job: 'key-value', service_name: 'key-value' } },
    ])
  })
})
