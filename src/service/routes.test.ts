import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { greetingRoutes } from './routes.ts'

describe('greetingRoutes', () => {
  it('greets with instance, version and time', async () => {
    const { routes } = greeting()

    const response = await routes.request('/')

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(
      await response.text(),
      /^Hello, Plainsight! I'm instance 42 running version 1\.2\.3 at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$/,
    )
  })

  it('tells the time of the given zone', async (t) => {
    freezeAt(t, '2026-03-05T20:07:09Z')

    const utc = await greeting('UTC').routes.request('/')
    const shanghai = await greeting('Asia/Shanghai').routes.request('/')

    assert.match(await utc.text(), / at 2026-03-05 20:07:09\n$/)
    assert.match(await shanghai.text(), / at 2026-03-06 04:07:09\n$/)
  })

  it('tells the time of each request, not of the start', async (t) => {
    freezeAt(t, '2026-03-05T20:07:09Z')
    const { routes } = greeting('UTC')

    t.mock.timers.setTime(Date.parse('2026-03-05T20:07:10Z'))

    assert.match(await (await routes.request('/')).text(), / at 2026-03-05 20:07:10\n$/)
  })

  it('tells its version', async () => {
    const response = await greeting().routes.request('/version')

    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(await response.text(), '1.2.3\n')
  })

  it('answers /health with nothing, and says so', async () => {
    const { routes, calls } = greeting()

    const response = await routes.request('/health')

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), '0')
    assert.equal(await response.text(), '')
    assert.equal(calls(), 0)
  })

  it('answers /healthz, and calls back once each time', async () => {
    const { routes, calls } = greeting()

    const response = await routes.request('/healthz')
    await routes.request('/healthz')

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(await response.text(), 'Monitoring endpoint invoked!')
    assert.equal(calls(), 2)
  })
})

function greeting(timeZone?: string) {
  let calls = 0
  const routes = greetingRoutes({
    instance: 42,
    version: '1.2.3',
    timeZone,
    onHealthz: () => void (calls += 1),
  })
  return { routes, calls: () => calls }
}

function freezeAt(t: TestContext, time: string): void {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse(time) })
}
