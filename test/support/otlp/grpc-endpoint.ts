import { setTimeout as sleep } from 'node:timers/promises'

import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import type { Metadata, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js'

import type { Signal } from './export-method.ts'
import type { Inbox } from './inbox.ts'

export interface Endpoint extends AsyncDisposable {
  port: number
}

export async function startGrpcEndpoint(inbox: Inbox, port: number): Promise<Endpoint> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  addExport(server, inbox, 'traces')
  addExport(server, inbox, 'logs')
  const boundPort = await bind(server, port)
  return { port: boundPort, [Symbol.asyncDispose]: () => shutDown(server) }
}

function addExport(server: Server, inbox: Inbox, signal: Signal): void {
  const take = (call: ServerUnaryCall<object, object>, reply: sendUnaryData<object>) => {
    inbox.noteCall('grpc', signal, headersOf(call.metadata))
    const verdict = inbox.take(signal, call.request)
    switch (verdict.kind) {
      case 'answer':
        reply(null, verdict.response)
        return
      case 'unavailable':
        reply({ code: status.UNAVAILABLE, details: 'the receiver is set to unavailable' })
        return
      case 'reject':
        reply({ code: status.INVALID_ARGUMENT, details: 'the receiver is set to reject' })
        return
      case 'silent':
    }
  }
  server.addService({ Export: inbox.methods[signal] }, { Export: take })
}

function headersOf(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).map(([name, value]) => [name, value.toString()]),
  )
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
}

/**
 * `forceShutdown` tells nobody when the port is free; a `tryShutdown` begun before it does. Not always: of a connection that
 * closes at the same moment grpc-js may forget to tell, and nobody would wait for it in vain.
 */
async function shutDown(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.tryShutdown((error) => (error ? reject(error) : resolve()))
  server.forceShutdown()
  const enough = new AbortController()
  await Promise.race([promise, sleep(2000, undefined, { signal: enough.signal }).catch(() => {})])
  enough.abort()
}
