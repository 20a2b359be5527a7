import type { Span, Tracer } from '@opentelemetry/api'
import { trace } from '@opentelemetry/api'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { stream } from 'hono/streaming'

import { ServiceError } from '../../../src/kernel/errors.ts'
import type { KernelEnv } from '../../../src/kernel/http/routes.ts'
import type { Logger } from '../../../src/kernel/telemetry/logger.ts'
import type { RequestRecord } from '../../../src/kernel/telemetry/request-recorder.ts'
import type { FixedClock } from './fixed-clock.ts'

/** What a handler has to work with. */
export interface Hands {
  /** The server span. */
  span: Span
  tracer: Tracer
  logger: Logger
  clock: FixedClock
  record: RequestRecord
  c: Context<KernelEnv>
}

/** Without an answer of its own it is 200. */
export type Act = (hands: Hands) => Response | void | Promise<Response | void>

/** Routes whose answers are of every kind, and a route of its own for each of `acts`. */
export function parcelRoutes(
  acts: Readonly<Record<string, Act>>,
  hands: Pick<Hands, 'tracer' | 'logger' | 'clock'>,
): Hono<KernelEnv> {
  const routes = new Hono<KernelEnv>()
  for (const [pattern, act] of Object.entries(acts)) {
    routes.all(pattern, async (c) => (await act(handsOf(c, hands))) ?? c.text('done'))
  }
  routes.get('/parcels/:id', (c, next) =>
    c.req.param('id') === 'special' ? next() : c.text(c.req.param('id')),
  )
  routes.get('/parcels/special', (c) => c.text('special'))
  routes.get('/parcels/:id/missing', (c) => c.notFound())
  routes.post('/parcels', async (c) => c.json(await c.req.json(), 201))
  routes.post('/limited', bodyLimit({ maxSize: 10 }), async (c) => c.text(await c.req.text()))
  routes.post('/upload', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)))
  routes.get('/status/:status{[2-5]\\d\\d}', (c) => {
    const status = Number(c.req.param('status'))
    return new Response([204, 205, 304].includes(status) ? null : 'answer', { status })
  })
  routes.get('/files/*', (c) => c.text('file'))
  addFailingRoutes(routes)
  addStreamingRoutes(routes)
  return routes
}

function handsOf(c: Context<KernelEnv>, hands: Pick<Hands, 'tracer' | 'logger' | 'clock'>): Hands {
  const span = trace.getActiveSpan()
  const { record } = c.env
  if (!span || !record) throw new Error('the handler is under no record')
  return { ...hands, span, record, c }
}

function addFailingRoutes(routes: Hono<KernelEnv>): void {
  routes.get('/bug', () => {
    throw new TypeError('the label fell off https://me:pw@host/?token=abc')
  })
  routes.get('/bug/async', async () => {
    await Promise.resolve()
    throw new RangeError('the belt ended')
  })
  routes.get('/bug/text', () => {
    // oxlint-disable-next-line no-throw-literal, only-throw-error
    throw 'just text'
  })
  routes.get('/bug/speechless', () => {
    throw Object.assign(new Error('x'), { message: undefined })
  })
  routes.get('/bug/stackless', () => {
    throw Object.assign(new Error('no stack'), { stack: undefined })
  })
  routes.get('/bug/cause', () => {
    throw new Error('outer', { cause: new Error('inner') })
  })
  routes.get('/expected', () => {
    throw new ServiceError('conflict', 'parcel-sealed', 'The parcel is sealed already.')
  })
  routes.get('/unavailable', () => {
    throw new ServiceError('unavailable', 'belt-away', 'The belt is away.', {
      cause: new Error('connect ECONNREFUSED'),
    })
  })
}

function addStreamingRoutes(routes: Hono<KernelEnv>): void {
  routes.get('/stream', (c) =>
    stream(c, async (out) => {
      for (let part = 0; part < 3; part += 1) await out.write(`part ${part}\n`)
    }),
  )
  routes.get('/endless', (c) =>
    stream(c, async (out) => {
      while (!out.aborted) {
        await out.write('and on\n')
        await out.sleep(2)
      }
    }),
  )
  routes.get('/never', () => new Promise<Response>(() => {}))
  routes.get('/broken-stream', () => {
    let isBegun = false
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (isBegun) throw new TypeError('the tape tore')
        isBegun = true
        controller.enqueue(Buffer.from('so far so good\n'))
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    })
    return new Response(body)
  })
}
