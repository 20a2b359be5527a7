import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { hasLabels, valueOf } from '../../../test/support/exposition.ts'
import { traceIdOf } from '../../../test/support/observed-service.ts'
import { get, set, startSystem } from './support/key-value-service.ts'
import type { System } from './support/key-value-service.ts'
import { redisMissing, until } from './support/redis-server.ts'

const secretValue = 'the value that nobody but its readers may see'

describe('the telemetry of key-value', { skip: redisMissing }, () => {
  let system: System

  before(async () => {
    system = await startSystem({ env: { MIN_REPLICAS: '1' } })
  })
  after(() => system[Symbol.asyncDispose]())

  it('shows POST /set as one trace, with the commands below the request', async () => {
    const response = await set(system.url, 'colour', secretValue)
    const { span, otherSpans } = await system.observed.telemetryOf(traceIdOf(response))

    assert.equal(span.name, 'POST /set')
    const commands = otherSpans.toSorted((one, other) => one.name.localeCompare(other.name))
    assert.deepEqual(
      commands.map(({ name, kind, parentSpanId }) => [name, kind, parentSpanId]),
      [
        ['redis-INFO', 'CLIENT', span.spanId],
        ['redis-SET', 'CLIENT', span.spanId],
        ['redis-WAIT', 'CLIENT', span.spanId],
      ],
    )
    assert.partialDeepStrictEqual(commands[1]?.attributes, {
      'db.system.name': 'redis',
      'db.operation.name': 'SET',
      'server.address': '127.0.0.1',
      'server.port': system.primary.port,
    })
  })

  it('shows GET /get as one trace, with the replica that was asked', async () => {
    const response = await get(system.url, 'colour')
    const { span, otherSpans } = await system.observed.telemetryOf(traceIdOf(response))

    const asked = otherSpans.map(({ attributes }) => attributes['server.port'])
    assert.deepEqual(otherSpans.map(({ name }) => name).toSorted(), ['redis-GET', 'redis-INFO'])
    assert.ok(otherSpans.every(({ parentSpanId }) => parentSpanId === span.spanId))
    assert.ok(system.replicas.some(({ port }) => asked.every((each) => each === port)))
  })

  it('gives each of many concurrent writes its own trace', async () => {
    const responses = await Promise.all(
      Array.from({ length: 30 }, (_, index) => set(system.url, `many-${index}`, 'v')),
    )

    for (const [index, response] of responses.entries()) {
      const traceId = traceIdOf(response)
      const spans = await system.observed.receiver.waitFor('its SET', () => {
        const found = system.observed.receiver.spans.filter(
          (each) => each.traceId === traceId && each.name === 'redis-SET',
        )
        return found.length > 0 && found
      })
      assert.equal(spans.length, 1)
      assert.match(String(spans[0]?.attributes['db.query.text']), new RegExp(`^SET many-${index} `))
    }
  })

  it('does not tell values', async () => {
    await set(system.url, 'colour', secretValue)
    await fetch(`${system.url}/keys/colour`, { method: 'PUT', body: secretValue })
    const last = await get(system.url, 'colour')
    await system.observed.telemetryOf(traceIdOf(last))

    const { receiver, service } = system.observed
    const everything = JSON.stringify([receiver.spans, receiver.logs], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
    assert.match(everything, /redis-SET/)
    assert.doesNotMatch(`${everything}${service.stdout()}`, /nobody but its readers/)
  })

  it('has no spans but those of requests: neither of connections nor of looking after them', async () => {
    // Long enough to look twice.
    await sleep(2200)

    const { spans } = system.observed.receiver
    const traces = new Set(
      spans.filter(({ kind }) => kind === 'SERVER').map(({ traceId }) => traceId),
    )
    const strays = spans.filter(({ traceId }) => !traces.has(traceId))
    assert.deepEqual(
      strays.map(({ name }) => name),
      [],
    )
    assert.ok(traces.size > 0)
  })

  it('times commands by outcome, and knows connections, replicas and their lag', async () => {
    await set(system.url, 'colour', 'teal')
    await (await get(system.url, 'colour')).text()
    await until('the watch has looked', async () =>
      (await system.observed.samples()).some(({ name }) => name === 'redis_replica_lag_bytes'),
    )
    const samples = await system.observed.samples()

    const count = 'redis_command_duration_seconds_count'
    for (const labels of [
      { command: 'SET', role: 'confirming', outcome: 'ok' },
      { command: 'WAIT', role: 'confirming', outcome: 'ok' },
      { command: 'INFO', role: 'primary', outcome: 'ok' },
      { command: 'GET', role: 'replica', outcome: 'ok' },
    ]) {
      assert.ok(valueOf(samples, count, labels) > 0, JSON.stringify(labels))
    }
    assert.equal(valueOf(samples, 'redis_connection_up'), 4)
    assert.equal(valueOf(samples, 'redis_connected_replicas'), 2)
    for (const { name: replica } of system.replicas) {
      assert.equal(valueOf(samples, 'redis_replica_link_up', { replica }), 1)
      const lag = samples.find(
        (each) => each.name === 'redis_replica_lag_bytes' && hasLabels(each, { replica }),
      )
      assert.ok(lag && lag.value < 10_000)
    }
  })

  it('tells of a lag, and of what it cannot know', async () => {
    const [paused] = system.replicas
    assert.ok(paused)
    const lag = async (replica: string) =>
      (await system.observed.samples()).find(
        (each) => each.name === 'redis_replica_lag_bytes' && hasLabels(each, { replica }),
      )?.value

    // The link is cut and cannot come back, as in a partition; the replica itself answers.
    await paused.cli('CONFIG', 'SET', 'masterauth', 'nobody-asked')
    await paused.cli('REPLICAOF', '127.0.0.1', '1')
    await set(system.url, 'much', 'x'.repeat(50_000))
    await until('it is seen to lag', async () => ((await lag(paused.name)) ?? 0) > 50_000)
    const samples = await system.observed.samples()
    assert.equal(valueOf(samples, 'redis_replica_link_up', { replica: paused.name }), 0)
    assert.equal(valueOf(samples, 'redis_connected_replicas'), 1)

    await paused.kill()
    await until('nobody knows', async () => (await lag(paused.name)) === undefined)
    const after = await system.observed.samples()
    assert.equal(valueOf(after, 'redis_connection_up', { server: paused.name }), 0)
  })

  it('has only names that the README lists, and all of them', async () => {
    const readme = readFileSync('examples/key-value/README.md', 'utf8')
    const listed = [...readme.matchAll(/^\| `(redis_\w+)`/gm)].map(([, name]) => name)
    const exposition = await (await fetch(`${system.url}/metrics`)).text()
    const emitted = [...exposition.matchAll(/^# TYPE (redis_\w+)/gm)].map(([, name]) => name)

    assert.deepEqual(listed.toSorted(), emitted.toSorted())
  })
})
