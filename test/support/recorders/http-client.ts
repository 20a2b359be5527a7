import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Ask extends RequestOptions {
  body?: string | Buffer
}

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** What a client can do to a server that records requests. Each is over when all its records are closed. */
export interface HttpClient {
  port: number
  ask(request: string | Ask): Promise<Answer>
  /** The very bytes; resolves with what came back before the connection was closed. */
  send(bytes: string | Buffer): Promise<string>
  /** Goes away: as soon as the request has arrived, or when the answer has begun. */
  leave(path: string, when: 'unanswered' | 'answered'): Promise<void>
}

export interface Recording {
  port: number
  /** Resolves when a record is under way. */
  begun(): Promise<void>
  /** Resolves when none is. */
  closed(): Promise<void>
}

// The same for all servers, whatever their ports.
const headers = { host: 'parcels.test:8080' }

export function httpClient({ port, begun, closed }: Recording): HttpClient {
  return {
    port,
    async ask(request) {
      const { body, ...options } = typeof request === 'string' ? { path: request } : request
      const call = httpRequest({
        host: '127.0.0.1',
        port,
        agent: false,
        ...options,
        headers: { ...headers, ...(options.headers as OutgoingHttpHeaders | undefined) },
      }).end(body)
      const [response] = (await once(call, 'response')) as [IncomingMessage]
      const answer = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await text(response),
      }
      await closed()
      return answer
    },
    async send(bytes) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(bytes)
      const answer = await text(socket)
      await closed()
      return answer
    },
    async leave(path, when) {
      const call = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false })
      call.on('error', () => {}).end()
      if (when === 'unanswered') await begun()
      else await answerBegun(call)
      call.destroy()
      await closed()
    },
  }
}

async function answerBegun(call: ReturnType<typeof httpRequest>): Promise<void> {
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.on('error', () => {})
  await once(response, 'data')
}
