// What the framework costs: Hono as its documentation starts it. No telemetry.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

import { answers } from '../answers.ts'
import { environment } from '../environment.ts'
import { addRoutes } from '../hono-routes.ts'
import { noTools } from '../tools.ts'

const { port, host, upstreamUrl } = environment

const app = new Hono()
addRoutes(app, { ...noTools, upstreamUrl })
// Hono's own would print each stack, and who prints nothing else is not compared by that.
app.onError((_error, c) => c.text(answers.failure, 500))

serve({ fetch: app.fetch, port, hostname: host })

process.once('SIGTERM', () => process.exit())
