// The example beside the stack: npm run test:stack
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { compose, docker, startStack } from '../../../test/stack/compose.ts'
import {
  eventually,
  exemplarsInPrometheus,
  linesInLoki,
  queryPrometheus,
  rulesInPrometheus,
  traceInJaeger,
} from '../../../test/stack/servers.ts'

const files = ['docker-compose.yml', 'examples/key-value/compose.yml']
const containers = ['key-value', 'redis-primary', 'redis-replica-1', 'redis-replica-2']
const volumes = ['primary', 'replica-1', 'replica-2'].map((name) => `plainsight_redis-${name}`)
const url = 'http://127.0.0.1:8082'

describe('key-value in the stack', () => {
  before(() => startStack({ COMPOSE_FILE: files.join(':') }))
  after(async () => {
    const named = files.flatMap((file) => ['--file', file])
    await compose(...named, 'rm', '--stop', '--force', ...containers)
    docker('volume', 'rm', ...volumes)
    startStack()
  })

  it('shows a write as one trace with the command to Redis inside, with its line and its exemplar', async () => {
    const started = Date.now() / 1000
    const response = await fetch(`${url}/set`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'key_1', value: 'value_1' }),
    })
    const traceId = response.headers.get('x-trace-id') ?? ''
    assert.equal(response.status, 200, await response.text())

    const spans = await eventually('the whole trace', async () => {
      const found = await traceInJaeger(traceId)
      return found && found.length > 1 && found
    })
    assert.equal(spans.filter(({ tags }) => tags['span.kind'] === 'server').length, 1)
    const set = spans.find(({ tags }) => tags['db.operation.name'] === 'SET')
    assert.equal(set?.tags['db.system.name'], 'redis')
    assert.equal(set.tags['span.kind'], 'client')

    await eventually('the line', async () => {
      const lines = await linesInLoki(`{service_name="key-value"} | trace_id="${traceId}"`)
      return lines.some(({ labels }) => labels['http_route'] === '/set')
    })
    await eventually('the exemplar', async () => {
      const exemplars = await exemplarsInPrometheus(
        'http_server_request_duration_seconds_bucket{job="key-value"}',
        started,
      )
      return exemplars.some(({ labels }) => labels['trace_id'] === traceId)
    })
  })

  it('reads what it wrote from a replica', async () => {
    await eventually('the value', async () => {
      const response = await fetch(`${url}/get?key=key_1`)
      const answer = (await response.json()) as { value: string; redis_replication: string }
      return (
        answer.value === 'get key_1: value_1' && answer.redis_replication.includes('role:slave')
      )
    })
  })

  it('is measured and watched by its own alerts', async () => {
    await eventually('both replicas', async () => {
      const [series] = await queryPrometheus('redis_connected_replicas{job="key-value"}')
      return series?.value === 2
    })
    const rules = await rulesInPrometheus()
    assert.ok(rules.includes('RedisReplicaLagHigh'), rules.join(', '))
  })
})
