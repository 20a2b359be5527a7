// What one gets by following each project's documentation. One span, one line, one observation a request, as ours.
import { serve } from '@hono/node-server'
import { trace } from '@opentelemetry/api'
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import { pino } from 'pino'
import { collectDefaultMetrics, Counter, Histogram, register } from 'prom-client'

import { answers } from '../answers.ts'
import { environment } from '../environment.ts'
import { addRoutes } from '../hono-routes.ts'
import { spanned } from '../spanned.ts'

const { port, host, upstreamUrl } = environment
const logger = pino()

collectDefaultMetrics()
const healthzCalls = new Counter({
  name: 'healthz_calls_total',
  help: 'Total number of calls to the healthz endpoint.',
})
const duration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests in seconds.',
  labelNames: ['method', 'route', 'status'],
})

const app = new Hono()
// Ahead of the middleware: a scrape is no request of the service.
app.get('/metrics', async (c) =>
  c.body(await register.metrics(), 200, { 'content-type': register.contentType }),
)
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
app.use(async function measure(c, next) {
  const end = duration.startTimer({ method: c.req.method })
  await next()
  end({ route: routePath(c, -1), status: c.res.status })
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
