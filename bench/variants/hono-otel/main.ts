// What Hono's own middleware gives. One span, one line, one observation a request.
import { serve } from '@hono/node-server'
import { httpInstrumentationMiddleware } from '@hono/otel'
import { prometheus } from '@hono/prometheus'
import { trace } from '@opentelemetry/api'
import { Hono } from 'hono'
import { pino } from 'pino'
import { Counter, Registry } from 'prom-client'

import { answers } from '../answers.ts'
import { environment } from '../environment.ts'
import { addRoutes } from '../hono-routes.ts'
import { spanned } from '../spanned.ts'

const { port, host, upstreamUrl } = environment
const logger = pino()

const registry = new Registry()
const healthzCalls = new Counter({
  name: 'healthz_calls_total',
  help: 'Total number of calls to the healthz endpoint.',
  registers: [registry],
})
const { printMetrics, registerMetrics } = prometheus({ collectDefaultMetrics: true, registry })

const app = new Hono()
// Ahead of the middleware: a scrape is no request of the service.
app.get('/metrics', printMetrics)
app.use(httpInstrumentationMiddleware())
app.use(registerMetrics)
app.use(async function accessLog(c, next) {
  const begun = performance.now()
  await next()
  logger.info(
    {
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      duration: performance.now() - begun,
    },
    'request completed',
  )
})
addRoutes(app, {
  onHealthz() {
    healthzCalls.inc()
    logger.info('Monitoring endpoint invoked! Counter was incremented!')
  },
  log: (message) => logger.info(message),
  inChildSpan: spanned(trace.getTracer('bench')),
  upstreamUrl,
})
app.onError((error, c) => {
  logger.error(error)
  return c.text(answers.failure, 500)
})

serve({ fetch: app.fetch, port, hostname: host })
