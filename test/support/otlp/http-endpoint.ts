import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import type { Signal } from './export-method.ts'
import type { Endpoint } from './grpc-endpoint.ts'
import type { Inbox } from './inbox.ts'

const signals: Record<string, Signal> = { '/v1/traces': 'traces', '/v1/logs': 'logs' }

const protobuf = 'application/x-protobuf'

export async function startHttpEndpoint(inbox: Inbox, port: number): Promise<Endpoint> {
  const server = createServer((request, response) => {
    answer(inbox, request, response).catch((error: unknown) => refuse(response, 400, String(error)))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('listening on no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  inbox: Inbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const signal = signals[request.url ?? '']
  if (!signal) return refuse(response, 404, `no ${request.url} here`)
  if (request.method !== 'POST') return refuse(response, 405, 'POST only')
  inbox.noteCall('http/protobuf', signal, headersOf(request))
  if (request.headers['content-type'] !== protobuf) return refuse(response, 415, `${protobuf} only`)

  const method = inbox.methods[signal]
  const verdict = inbox.take(signal, method.requestDeserialize(await bodyOf(request)))
  switch (verdict.kind) {
    case 'answer':
      response.setHeader('content-type', protobuf).end(method.responseSerialize(verdict.response))
      return
    case 'unavailable':
      return refuse(response, 503, 'the receiver is set to unavailable')
    case 'reject':
      return refuse(response, 400, 'the receiver is set to reject')
    case 'silent':
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const body = await buffer(request)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

function headersOf({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  )
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(reason)
}
