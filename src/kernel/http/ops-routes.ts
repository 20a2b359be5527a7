import { Hono } from 'hono'

import type { Health } from '../health.ts'
import type { GuardedRegistry } from '../telemetry/guarded-registry.ts'
import { plainContentType, toPlainExposition } from '../telemetry/plain-exposition.ts'

/** What operators and their tools ask; never recorded, or a scrape every few seconds would drown the rest. */
const opsPaths = new Set(['/livez', '/readyz', '/startupz', '/metrics'])

export function isOpsPath(path: string): boolean {
  return opsPaths.has(path)
}

// Letters, digits and slashes only: no dots that are resolved, nothing encoded, and none of our paths' first letters.
const ordinaryPath = /^\/(?:[a-kn-qt-z0-9][\w/-]*)?$/

/** False only for what cannot be one, however it is read. */
export function mayBeOpsPath(target = ''): boolean {
  return !ordinaryPath.test(target)
}

export function opsRoutes(health: Health, registry: GuardedRegistry): Hono {
  const routes = new Hono()

  // Only that the event loop turns: a dependency's outage must not restart every replica.
  routes.get('/livez', (c) => c.text('ok\n'))
  // Nothing listens before the service has started, so being asked is the answer.
  routes.get('/startupz', (c) => c.text('ok\n'))
  routes.get('/readyz', async (c) => {
    const report = await health.readiness()
    return c.json(report, report.status === 'ready' ? 200 : 503, { 'cache-control': 'no-store' })
  })
  routes.get('/metrics', async (c) => {
    const openMetrics = await registry.metrics()
    return takesOpenMetrics(c.req.header('accept'))
      ? c.body(openMetrics, 200, { 'content-type': registry.contentType })
      : c.body(toPlainExposition(openMetrics), 200, { 'content-type': plainContentType })
  })

  return routes
}

function takesOpenMetrics(accept = ''): boolean {
  return accept
    .split(',')
    .some(
      (range) =>
        /^\s*application\/openmetrics-text\s*(;|$)/i.test(range) &&
        !/;\s*q=0(\.0*)?\s*(;|$)/i.test(range),
    )
}
