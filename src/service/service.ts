import type { StartService } from '../kernel/index.ts'
import { demonstrationRoutes } from './demonstration.ts'
import { greetingRoutes } from './routes.ts'
import type { settings } from './settings.ts'

export const start: StartService<typeof settings> = ({
  settings: { TZ, DEMO_ROUTES },
  version,
  logger,
  metrics,
}) => {
  const healthzCalls = metrics.counter({
    name: 'healthz_calls_total',
    help: 'Total number of calls to the healthz endpoint.',
  })
  const routes = greetingRoutes({
    instance: Math.floor(Math.random() * 1000),
    version,
    timeZone: TZ,
    onHealthz() {
      healthzCalls.inc()
      logger.info('Monitoring endpoint invoked! Counter was incremented!')
    },
  })
  if (DEMO_ROUTES) routes.route('/demo', demonstrationRoutes(logger))
  return routes
}
