import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'

import { Health } from '../health.ts'
import { GuardedRegistry } from '../telemetry/guarded-registry.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createApp } from './app.ts'
import { isOpsPath, mayBeOpsPath, opsRoutes } from './ops-routes.ts'

describe('mayBeOpsPath', () => {
  it('is true for each, and for whatever is resolved or decoded to one', () => {
    for (const target of [
      '/livez',
      '/readyz?verbose',
      '/startupz',
      '/metrics',
      '/a/../metrics',
      '/a/%2e%2E/metrics',
      '/./metrics',
      '/%6detrics',
      'http://x/metrics',
      '',
    ]) {
      assert.equal(mayBeOpsPath(target), true, target)
    }
  })

  it('is false for ordinary paths', () => {
    for (const target of ['/', '/healthz', '/users/7', '/a-b_c/D/e', '/0']) {
      assert.equal(mayBeOpsPath(target), false, target)
    }
  })
})

describe('isOpsPath', () => {
  it('knows probes and metrics, and nothing else', () => {
    assert.ok(isOpsPath('/livez'))
    assert.ok(isOpsPath('/readyz'))
    assert.ok(isOpsPath('/startupz'))
    assert.ok(isOpsPath('/metrics'))
    assert.ok(!isOpsPath('/healthz'))
    assert.ok(!isOpsPath('/metrics/'))
    assert.ok(!isOpsPath('/'))
  })
})

describe('opsRoutes', () => {
  describe('/livez and /startupz', () => {
    it('say that the event loop turns', async () => {
      const { ask } = ops()

      assert.equal(await (await ask('/livez')).text(), 'ok\n')
      assert.equal(await (await ask('/startupz')).text(), 'ok\n')
    })

    it('stay 200 while draining and while a dependency is away', async () => {
      const { ask, health } = ops()
      health.addCheck('store', () => Promise.reject(new Error('away')))
      health.drain()

      assert.equal((await ask('/livez')).status, 200)
      assert.equal((await ask('/startupz')).status, 200)
    })
  })

  describe('/readyz', () => {
    it('is 200 with the report when ready, and never cached', async () => {
      const { ask, health } = ops()
      health.addCheck('store', async () => {})

      const response = await ask('/readyz')

      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      const report = (await response.json()) as { checks: object[] }
      assert.partialDeepStrictEqual(report, {
        status: 'ready',
        checks: [{ name: 'store', state: 'pass', critical: true }],
      })
      assert.deepEqual(Object.keys(report.checks[0]!), [
        'name',
        'state',
        'critical',
        'time',
        'duration_ms',
      ])
    })

    it('is 503 with the reason when a critical check fails', async () => {
      const { ask, health } = ops()
      health.addCheck('store', () => Promise.reject(new Error('connection refused')))

      const response = await ask('/readyz')

      assert.equal(response.status, 503)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      assert.partialDeepStrictEqual(await response.json(), {
        status: 'not-ready',
        checks: [{ name: 'store', state: 'fail', error: 'connection refused' }],
      })
    })

    it('is 200 when only a check fails that is not critical', async () => {
      const { ask, health } = ops()
      health.addCheck('cache', () => Promise.reject(new Error('away')), { critical: false })

      const response = await ask('/readyz')

      assert.equal(response.status, 200)
      assert.partialDeepStrictEqual(await response.json(), {
        status: 'ready',
        checks: [{ name: 'cache', state: 'fail', critical: false }],
      })
    })

    it('is 503 while draining', async () => {
      const { ask, health } = ops()
      health.drain()

      const response = await ask('/readyz')

      assert.equal(response.status, 503)
      assert.deepEqual(await response.json(), { status: 'draining', checks: [] })
    })
  })

  describe('/metrics', () => {
    it('is the plain format for whoever asks for nothing', async () => {
      const { ask } = ops()

      const response = await ask('/metrics')

      assert.equal(response.headers.get('content-type'), plain)
      const text = await response.text()
      assert.match(text, /^# TYPE parcels_total counter$/m)
      assert.match(text, /^parcels_total 2$/m)
      assert.doesNotMatch(text, /# EOF/)
    })

    it('is OpenMetrics for whoever takes it', async () => {
      const { ask } = ops()

      const response = await ask('/metrics', 'application/openmetrics-text; version=1.0.0')

      assert.equal(response.headers.get('content-type'), openMetrics)
      const text = await response.text()
      assert.match(text, /^# TYPE parcels counter$/m)
      assert.match(text, /^parcels_total 2$/m)
      assert.ok(text.endsWith('# EOF\n'))
    })

    it('is OpenMetrics for Prometheus, by the header it really sends', async () => {
      const { typeFor } = ops()

      assert.equal(
        await typeFor(
          'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,' +
            'application/openmetrics-text;version=0.0.1;q=0.5,' +
            'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
        ),
        openMetrics,
      )
    })

    it('is OpenMetrics with any weight above zero, in any case', async () => {
      const { typeFor } = ops()

      assert.equal(await typeFor('text/plain, application/openmetrics-text;q=0.1'), openMetrics)
      assert.equal(await typeFor('application/openmetrics-text; q=0.001'), openMetrics)
      assert.equal(await typeFor('Application/OpenMetrics-Text'), openMetrics)
    })

    it('is the plain format where OpenMetrics has the weight zero', async () => {
      const { typeFor } = ops()

      assert.equal(await typeFor('application/openmetrics-text;q=0, text/plain'), plain)
      assert.equal(await typeFor('application/openmetrics-text; version=1.0.0; q=0.000'), plain)
    })

    it('is the plain format for browsers and for whoever takes anything', async () => {
      const { typeFor } = ops()

      assert.equal(await typeFor('*/*'), plain)
      assert.equal(await typeFor('text/html,application/xhtml+xml;q=0.9,*/*;q=0.8'), plain)
      assert.equal(await typeFor('application/openmetrics-textual'), plain)
    })

    it('is the plain format again after it was OpenMetrics once', async () => {
      const { ask } = ops()
      await ask('/metrics', 'application/openmetrics-text')

      assert.match(await (await ask('/metrics')).text(), /^# TYPE parcels_total counter$/m)
    })
  })

  it('answers HEAD with the length of GET', async () => {
    const { ask } = ops()
    const length = (await (await ask('/metrics')).text()).length

    const response = await ask('/metrics', undefined, 'HEAD')

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), plain)
    assert.equal(response.headers.get('content-length'), String(length))
    assert.equal(await response.text(), '')
  })

  it('answers HEAD for a probe with the status of GET', async () => {
    const { ask, health } = ops()
    health.drain()

    assert.equal((await ask('/readyz', undefined, 'HEAD')).status, 503)
    assert.equal((await ask('/livez', undefined, 'HEAD')).status, 200)
  })

  it('answers nothing that could change the process', async () => {
    const { ask } = ops()

    const response = await ask('/metrics', undefined, 'POST')

    assert.equal(response.status, 405)
    assert.equal(response.headers.get('allow'), 'GET, HEAD')
  })
})

const plain = 'text/plain; version=0.0.4; charset=utf-8'
const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** The operators' surface as the kernel serves it, over a registry with one counter. */
function ops() {
  const logger = createLogger({ service: 'test', level: 'silent', pretty: false, otlp: false })
  const health = new Health(logger)
  const registry = new GuardedRegistry(1000)
  registry.counter({ name: 'parcels_total', help: 'Parcels sent.' }).inc(2)
  const fetch = createApp(opsRoutes(health, registry), { maxBodyBytes: 0 })

  async function ask(path: string, accept?: string, method = 'GET'): Promise<Response> {
    const headers = accept === undefined ? {} : { accept }
    return fetch(new Request(`http://service${path}`, { method, headers }), {
      incoming: { headers } as IncomingMessage,
      outgoing: {} as ServerResponse,
    })
  }
  return {
    ask,
    health,
    typeFor: async (accept: string) => (await ask('/metrics', accept)).headers.get('content-type'),
  }
}
