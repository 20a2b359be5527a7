import { Hono } from 'hono'
import { StartError } from 'plainsight/kernel'
import type { StartService } from 'plainsight/kernel'

import { configuredRoutes } from './configured-routes.ts'
import { databasePassword } from './database-password.ts'
import { databaseRoutes } from './database-routes.ts'
import { LiveRoutes } from './live-routes.ts'
import type { settings } from './settings.ts'
import { lookAt, watchFile } from './watched-file.ts'
import type { Look } from './watched-file.ts'

export const start: StartService<typeof settings> = async ({
  settings: { CONFIG_FILE, CONFIG_POLL_SECONDS, DB_PASS, DB_PASS_FILE },
  logger,
  metrics,
  health,
  resources,
}) => {
  const live = new LiveRoutes({ file: CONFIG_FILE, logger, metrics })
  const first = await lookAt(CONFIG_FILE)
  takeUpOrFail(live, first)
  resources.use(
    watchFile(CONFIG_FILE, { everySeconds: CONFIG_POLL_SECONDS, first }, (look) =>
      live.reload(look),
    ),
  )
  // The old routes answer as well as ever, so no replica is taken out of service for a typing error.
  health.addCheck('configuration', () => live.check(), { critical: false })

  return new Hono()
    .route('/', databaseRoutes(databasePassword({ value: DB_PASS, file: DB_PASS_FILE })))
    .route(
      '/',
      configuredRoutes(() => live.table),
    )
}

function takeUpOrFail(live: LiveRoutes, look: Look): void {
  try {
    live.takeUp(look)
  } catch (cause) {
    throw new StartError(`Cannot start: ${(cause as Error).message}`, { cause })
  }
}
