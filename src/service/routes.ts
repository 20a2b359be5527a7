import { Hono } from 'hono'

import { clockIn } from './clock.ts'

export interface GreetingOptions {
  /** Tells the replicas apart: 0 to 999, chosen at the start. */
  instance: number
  version: string
  /** An IANA name; undefined is the zone of the machine. */
  timeZone: string | undefined
  onHealthz(): void
}

// Hono writes the charset in capitals; the contract does not.
const plainText = { 'content-type': 'text/plain; charset=utf-8' }

export function greetingRoutes({ instance, version, timeZone, onHealthz }: GreetingOptions): Hono {
  const routes = new Hono()
  const clock = clockIn(timeZone)

  routes.get('/', (c) =>
    c.text(
      `Hello, Plainsight! I'm instance ${instance} running version ${version} at ${clock(new Date())}\n`,
      200,
      plainText,
    ),
  )
  routes.get('/version', (c) => c.text(`${version}\n`, 200, plainText))
  routes.get('/health', (c) => c.body(null, 200, { 'content-length': '0' }))
  routes.get('/healthz', (c) => {
    onHealthz()
    return c.text('Monitoring endpoint invoked!', 200, plainText)
  })

  return routes
}
