import { trace } from '@opentelemetry/api'
import { Hono } from 'hono'
import type { StartService } from 'plainsight/kernel'

import { addRoutes } from '../hono-routes.ts'
import { spanned } from '../spanned.ts'
import type { settings } from './settings.ts'

export const start: StartService<typeof settings> = ({
  settings: { UPSTREAM_URL },
  logger,
  metrics,
}) => {
  const healthzCalls = metrics.counter({
    name: 'healthz_calls_total',
    help: 'Total number of calls to the healthz endpoint.',
  })
  const routes = new Hono()
  addRoutes(routes, {
    onHealthz() {
      healthzCalls.inc()
      logger.info('Monitoring endpoint invoked! Counter was incremented!')
    },
    log: (message) => logger.info(message),
    inChildSpan: spanned(trace.getTracer('bench')),
    upstreamUrl: UPSTREAM_URL,
  })
  return routes
}
