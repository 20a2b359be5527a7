// The floor: what Node itself costs. No framework, no telemetry.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'

import { answers, MadeToFail, receiptOf, streamChunks } from '../answers.ts'
import type { Order } from '../answers.ts'
import { beBusy } from '../busy.ts'
import { environment } from '../environment.ts'
import { noTools } from '../tools.ts'

const { port, host, upstreamUrl } = environment

const server = createServer((request, response) => {
  try {
    const work = answer(request, response)
    work?.catch(() => fail(response))
  } catch {
    fail(response)
  }
}).listen(port, host)

process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})

function answer(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
  const url = request.url ?? '/'
  switch (url) {
    case '/':
      return send(response, answers.plainText, answers.root)
    case '/healthz':
      return send(response, answers.plainText, answers.healthz)
    case '/echo':
      return echo(request, response)
    case '/busy':
      return busy(response)
    case '/stream':
      return stream(response)
    case '/fail':
      throw new MadeToFail()
    default:
      if (url.startsWith('/users/')) return sendJson(response, { id: url.slice('/users/'.length) })
      response.writeHead(404).end()
      return undefined
  }
}

function send(response: ServerResponse, type: string, body: string): undefined {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function sendJson(response: ServerResponse, value: object): undefined {
  return send(response, answers.json, JSON.stringify(value))
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  sendJson(response, receiptOf((await json(request)) as Order))
}

async function busy(response: ServerResponse): Promise<void> {
  send(response, answers.plainText, await beBusy({ ...noTools, upstreamUrl }))
}

function stream(response: ServerResponse): undefined {
  response.writeHead(200, { 'content-type': answers.plainText })
  for (const chunk of streamChunks) response.write(chunk)
  response.end()
}

function fail(response: ServerResponse): void {
  response.writeHead(500, { 'content-type': answers.plainText }).end(answers.failure)
}
