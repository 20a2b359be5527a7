import { setTimeout as sleep } from 'node:timers/promises'

import { trace } from '@opentelemetry/api'
import { Hono } from 'hono'

import { ServiceError } from '../kernel/index.ts'
import type { Logger } from '../kernel/index.ts'

const LONGEST_SECONDS = 5

/** What goes wrong in real services, made to order: something slow, something away, a bug. `npm run load` calls them. */
export function demonstrationRoutes(logger: Logger): Hono {
  const routes = new Hono()
  const tracer = trace.getTracer('greeting')

  routes.get('/slow', async (c) => {
    const seconds = readSeconds(c.req.query('seconds') ?? '1')
    await tracer.startActiveSpan('wait for a slow dependency', async (span) => {
      logger.warn({ seconds }, 'The dependency takes its time.')
      // Who has left is not waited for.
      await sleep(seconds * 1000, undefined, { signal: c.req.raw.signal }).catch(() => {})
      span.end()
    })
    return c.text(`That took ${seconds} s.\n`)
  })

  routes.get('/unavailable', () => {
    throw new ServiceError('unavailable', 'dependency-away', 'What this needs is away just now.', {
      headers: { 'retry-after': '1' },
    })
  })

  routes.get('/bug', (c) => {
    const order = JSON.parse('{}') as { customer: { name: string } }
    return c.text(order.customer.name)
  })

  return routes
}

function readSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (seconds <= LONGEST_SECONDS) return seconds
  throw new ServiceError(
    'invalid',
    'bad-seconds',
    `seconds: expected a number from 0 to ${LONGEST_SECONDS}, got "${text}"`,
  )
}
