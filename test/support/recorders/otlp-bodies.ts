import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { exportMethod } from '../otlp/export-method.ts'
import type { Signal } from '../otlp/export-method.ts'

const signals: Record<string, Signal> = { '/v1/traces': 'traces', '/v1/logs': 'logs' }

const decoders = {
  traces: exportMethod('traces').requestDeserialize,
  logs: exportMethod('logs').requestDeserialize,
}

/** Export requests, decoded but otherwise as they are on the wire. */
export type OtlpRequests = Record<Signal, object[]>

export interface OtlpBodies extends AsyncDisposable {
  url: string
  requests: OtlpRequests
}

/** Takes OTLP by HTTP and keeps what came. */
export async function startOtlpBodies(): Promise<OtlpBodies> {
  const requests: OtlpRequests = { traces: [], logs: [] }
  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const signal = signals[incoming.url ?? ''] ?? 'traces'
      requests[signal].push(decoded(signal, await buffer(incoming)))
      outgoing.writeHead(200).end()
    } catch (error) {
      outgoing.writeHead(400, String(error)).end()
    }
  }
  const server = createServer((incoming, outgoing) => void take(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

export function decoded(signal: Signal, body: Uint8Array): object {
  return decoders[signal](Buffer.from(body))
}
