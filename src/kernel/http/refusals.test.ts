import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { GuardedRegistry } from '../telemetry/guarded-registry.ts'
import { createLogger } from '../telemetry/logger.ts'
import { Refusals } from './refusals.ts'

describe('Refusals', () => {
  it('gives each reason its status, and a code in kebab case', () => {
    const { refusals } = refusalsWithLines()

    assert.deepEqual(refusals.refuse('headers_too_large', undefined), {
      type: 'about:blank',
      title: 'Request Header Fields Too Large',
      status: 431,
      detail: 'The headers are too long.',
      code: 'headers-too-large',
    })
  })

  it('has a series at zero for every reason from the start', async () => {
    const { counts } = refusalsWithLines()

    assert.deepEqual(await counts(), {
      malformed: 0,
      unknown_method: 0,
      bad_host: 0,
      bad_target: 0,
      timeout: 0,
      chunk_extensions_too_large: 0,
      expectation: 0,
      headers_too_large: 0,
      connect: 0,
    })
  })

  it('counts by reason and returns the problem', async () => {
    const { refusals, counts } = refusalsWithLines()

    const { status } = refusals.refuse('timeout', '192.0.2.1')
    refusals.refuse('timeout', '192.0.2.1')
    refusals.refuse('connect', '192.0.2.1')

    assert.equal(status, 408)
    assert.partialDeepStrictEqual(await counts(), { timeout: 2, connect: 1, malformed: 0 })
  })

  it('warns with reason and peer', () => {
    const { refusals, lines } = refusalsWithLines()

    refusals.refuse('malformed', '192.0.2.1')

    assert.partialDeepStrictEqual(lines(), [
      {
        level: 'warn',
        msg: 'refused before it became a request',
        reason: 'malformed',
        'network.peer.address': '192.0.2.1',
      },
    ])
  })

  it('warns of each reason once in ten seconds, and then says how many it held back', (t) => {
    const clock = fakePerformanceClock(t)
    const { refusals, lines } = refusalsWithLines()

    refusals.refuse('malformed', 'first')
    refusals.refuse('malformed', 'second')
    refusals.refuse('timeout', 'other reason')
    clock.advance(9999)
    refusals.refuse('malformed', 'third')
    clock.advance(1)
    refusals.refuse('malformed', 'fourth')

    assert.deepEqual(
      lines().map((line) => [line['network.peer.address'], line['suppressed']]),
      [
        ['first', undefined],
        ['other reason', undefined],
        ['fourth', 2],
      ],
    )
  })
})

function refusalsWithLines() {
  const written: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void written.push(line) },
  })
  const registry = new GuardedRegistry(1000)
  return {
    refusals: new Refusals(registry, logger),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    async counts() {
      const { values } = await registry.getSingleMetric('http_server_refused_requests_total')!.get()
      return Object.fromEntries(values.map(({ labels, value }) => [labels['reason'], value]))
    },
  }
}

function fakePerformanceClock(t: TestContext) {
  let now = 1_000_000
  t.mock.method(performance, 'now', () => now)
  return { advance: (millis: number) => void (now += millis) }
}
