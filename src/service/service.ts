import type { StartService } from '../kernel/index.ts'
import { greetingRoutes } from './routes.ts'
import type { settings } from './settings.ts'

export const start: StartService<typeof settings> = ({
  settings: { TZ },
  version,
  logger,
  metrics,
}) => {
  const healthzCalls = metrics.counter({
    name: 'healthz_calls_total',
    help: 'Total number of calls to the healthz endpoint.',
  })
  return greetingRoutes({
    instance: Math.floor(Math.random() * 1000),
    version,
    timeZone: TZ,
    onHealthz() {
      healthzCalls.inc()
      logger.info('Monitoring endpoint invoked! Counter was incremented!')
    },
  })
}
