import type { Hono } from 'hono'

import { answers, MadeToFail, receiptOf, streamChunks } from './answers.ts'
import type { Order } from './answers.ts'
import { beBusy } from './busy.ts'
import type { Tools } from './tools.ts'

/** The workloads, the same for every variant that is built on Hono. The app comes from the variant: versions must not mix. */
export function addRoutes(app: Hono, tools: Tools): void {
  const plainText = { 'content-type': answers.plainText }

  app.get('/', (c) => c.text(answers.root, 200, plainText))
  app.get('/healthz', (c) => {
    tools.onHealthz()
    return c.text(answers.healthz, 200, plainText)
  })
  app.get('/users/:id', (c) => c.json({ id: c.req.param('id') }))
  app.post('/echo', async (c) => c.json(receiptOf(await c.req.json<Order>())))
  app.get('/busy', async (c) => c.text(await beBusy(tools), 200, plainText))
  app.get('/stream', (c) => c.body(chunkStream(), 200, plainText))
  app.get('/fail', () => {
    throw new MadeToFail()
  })
}

function chunkStream(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const chunk = streamChunks[next]
      next += 1
      if (chunk === undefined) controller.close()
      else controller.enqueue(encoder.encode(chunk))
    },
  })
}
