// As same-telemetry.test.ts, with requests that nobody thought of. FUZZ_SEED repeats a run.
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { describe, it } from 'node:test'

import { randomAct } from './support/recorders/random-acts.ts'
import { randomRequest } from './support/recorders/random-requests.ts'
import { chance, generatorOf, listOf } from './support/recorders/random.ts'
import { leftByBoth } from './support/recorders/recorder-pair.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
const requestsEach = 300

const surroundings: Record<string, string>[] = [
  {},
  { OTEL_TRACES_SAMPLER: 'always_on', TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' },
  { OTEL_TRACES_SAMPLER: 'always_off' },
  { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
  { OTEL_TRACES_SAMPLER: 'parentbased_always_on', INCOMING_TRACE_CONTEXT: 'link' },
  { OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_PROPAGATORS: 'tracecontext,b3' },
  { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.3' },
  { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '20', OTEL_SPAN_EVENT_COUNT_LIMIT: '2' },
  { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '10', OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '40' },
  { OTEL_LOGS_EXPORTER: 'none', OTEL_PROPAGATORS: 'baggage' },
  { OTEL_TRACES_EXPORTER: 'none', LOG_LEVEL: 'debug' },
  { LOG_LEVEL: 'warn', METRICS_MAX_SERIES: '20' },
]

describe('the same telemetry at random', () => {
  for (const [index, env] of surroundings.entries()) {
    it(`${requestsEach} requests with ${JSON.stringify(env)}`, async (t) => {
      const ownSeed = seed + index * 1_000_000
      const left = await leftByBoth(
        t,
        ({ ask }) => askAtRandom(ask, ownSeed),
        { env, acts: { '/random/*': randomAct(ownSeed) } },
        `with FUZZ_SEED=${seed}`,
      )

      assert.match(left.exposition, /http_server_request_duration_seconds_count/)
    })
  }
})

type Ask = Parameters<Parameters<typeof leftByBoth>[1]>[0]['ask']

/** Over one connection after the other. */
async function askAtRandom(ask: Ask, ownSeed: number): Promise<void> {
  const random = generatorOf(ownSeed)
  const requests = listOf(requestsEach, (index) => randomRequest(random, index))
  let agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (const request of requests) {
    await ask({ ...request, agent })
    if (!chance(random, 0.05)) continue
    agent.destroy()
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
  }
  agent.destroy()
}
