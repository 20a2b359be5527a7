// What Fastify's own plugins give: its logger writes two lines a request, its instrumentation a span for each hook.
import { Readable } from 'node:stream'

import { trace } from '@opentelemetry/api'
import { fastify } from 'fastify'
import fastifyMetrics from 'fastify-metrics'

import { answers, MadeToFail, receiptOf, streamChunks } from '../answers.ts'
import type { Order } from '../answers.ts'
import { beBusy } from '../busy.ts'
import { environment } from '../environment.ts'
import { spanned } from '../spanned.ts'

const { port, host, upstreamUrl } = environment

const app = fastify({ logger: true })
await app.register(fastifyMetrics.default, { endpoint: '/metrics' })

const healthzCalls = new app.metrics.client.Counter({
  name: 'healthz_calls_total',
  help: 'Total number of calls to the healthz endpoint.',
})

app.get('/', (_request, reply) => reply.type(answers.plainText).send(answers.root))
app.get('/healthz', (request, reply) => {
  healthzCalls.inc()
  request.log.info('Monitoring endpoint invoked! Counter was incremented!')
  return reply.type(answers.plainText).send(answers.healthz)
})
app.get<{ Params: { id: string } }>('/users/:id', (request, reply) =>
  reply.send({ id: request.params.id }),
)
app.post<{ Body: Order }>('/echo', (request, reply) => reply.send(receiptOf(request.body)))
app.get('/busy', async (request, reply) => {
  const text = await beBusy({
    onHealthz() {},
    log: (message) => request.log.info(message),
    inChildSpan: spanned(trace.getTracer('bench')),
    upstreamUrl,
  })
  return reply.type(answers.plainText).send(text)
})
app.get('/stream', (_request, reply) =>
  reply.type(answers.plainText).send(Readable.from(streamChunks, { objectMode: false })),
)
app.get('/fail', () => {
  throw new MadeToFail()
})

await app.listen({ port, host })
