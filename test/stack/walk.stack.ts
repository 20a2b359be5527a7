// The walk in the README, step by step as it stands there.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'

import { runLoad } from '../load/run-load.ts'
import { startStack } from './compose.ts'
import { eventually, queryPrometheus, serviceUrl } from './servers.ts'

const readme = readFileSync('README.md', 'utf8')
const [, walk = ''] = /#### From a spike to the log line\n(.*?)\n#### /s.exec(readme) ?? []

describe('the walk from a spike to the log line', () => {
  before(async () => {
    startStack()
    const { signal } = new AbortController()
    await runLoad({ url: serviceUrl, seconds: 15, perSecond: 40, signal })
  })

  it('shows which route is slow', async () => {
    const [, query = ''] = /localhost:9090\/query\?g0\.expr=([^&]+)&/.exec(walk) ?? []
    const expression = decodeURIComponent(query.replaceAll('+', ' '))

    await eventually('the slow route', async () => {
      const routes = await queryPrometheus(expression)
      const [slowest] = routes.toSorted((one, other) => other.value - one.value)
      return slowest?.metric['http_route'] === '/demo/slow'
    })
  })

  it('leads to a trace and its log lines', async () => {
    const [, commands = ''] = /```sh\n(.*?)```/s.exec(walk) ?? []
    assert.match(commands, /query_exemplars/)

    await eventually('what the trace and the line say', async () => {
      const { stdout } = spawnSync('bash', ['-c', commands], { encoding: 'utf8' })
      return (
        stdout.includes('wait for a slow dependency') &&
        stdout.includes('The dependency takes its time.')
      )
    })
  })
})
