// The example beside the stack: npm run test:stack
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { compose, startStack } from '../../../test/stack/compose.ts'
import { send } from '../../../test/stack/load.ts'
import {
  eventually,
  linesInLoki,
  queryPrometheus,
  rulesInPrometheus,
  traceInJaeger,
} from '../../../test/stack/servers.ts'

const files = ['docker-compose.yml', 'examples/configured-routes/compose.yml']
const url = 'http://127.0.0.1:3001'

describe('configured-routes in the stack', () => {
  before(() => startStack({ COMPOSE_FILE: files.join(':') }))
  after(async () => {
    const named = files.flatMap((file) => ['--file', file])
    await compose(...named, 'rm', '--stop', '--force', 'configured-routes')
    startStack()
  })

  it('leaves one trace, one log line and one measurement, under the configured pattern', async () => {
    const { status, traceId } = await send('/route1', url)
    assert.equal(status, 200)

    const [span] = await eventually('the trace', () => traceInJaeger(traceId))
    assert.equal(span?.operationName, 'GET /route1')
    const [line] = await eventually('the line', async () => {
      const lines = await linesInLoki(`{service_name="configured-routes"} | trace_id="${traceId}"`)
      return lines.length > 0 && lines
    })
    assert.equal(line?.labels['http_route'], '/route1')
    await eventually('the measurement', async () => {
      const query = 'http_server_request_duration_seconds_count{job="configured-routes"}'
      const series = await queryPrometheus(query)
      return series.some(({ metric }) => metric['http_route'] === '/route1')
    })
  })

  it('is watched by its own alerts', async () => {
    const rules = await rulesInPrometheus()

    assert.ok(rules.includes('ConfigurationRefused'), rules.join(', '))
  })
})
