import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { getRequestListener, RequestError } from '@hono/node-server'

import { StartError, toError } from '../errors.ts'
import { peerAddress } from '../telemetry/client-address.ts'
import type { Fetch } from './app.ts'
import { problemOf, problemResponse, writeProblem } from './problem.ts'
import { TracedResponse } from './traced-response.ts'
import { rememberLatest } from './latest-answer.ts'
import { refuseNonRequests } from './refuse-non-requests.ts'
import type { Refusals } from './refusals.ts'

export interface ServerOptions {
  fetch: Fetch
  port: number
  /** The setting that chose the port, for the complaint if it is taken. */
  portSetting: string
  host: string | undefined
  headersTimeoutSeconds: number
  requestTimeoutSeconds: number
  keepAliveTimeoutSeconds: number
  maxHeaderBytes: number
  refusals: Refusals
  /** Told of what nobody else could tell: errors outside of every record. */
  onBug(error: Error): void
  /** Whether records of requests are still to be ended. */
  isRecording(): boolean
  /** While true, answers ask the client to open a new connection next time, which reaches another replica. */
  isDraining(): boolean
}

export interface RunningServer {
  port: number
  /** Refuses new connections, lets what is in flight finish for so long, then cuts it off. */
  close(graceSeconds: number): Promise<void>
}

/** @throws StartError if it cannot listen */
export async function listen(options: ServerOptions): Promise<RunningServer> {
  const { requestTimeoutSeconds, headersTimeoutSeconds } = options
  const server = createServer(
    {
      requestTimeout: requestTimeoutSeconds * 1000,
      headersTimeout: Math.min(headersTimeoutSeconds, requestTimeoutSeconds) * 1000,
      // Node looks for slow clients every 30 s unless told.
      connectionsCheckingInterval: 500,
      keepAliveTimeout: options.keepAliveTimeoutSeconds * 1000,
      maxHeaderSize: options.maxHeaderBytes,
      // Node would answer 400 by itself, and nobody could count it.
      requireHostHeader: false,
      ServerResponse: TracedResponse,
    },
    requestListener(options),
  )
  // Also those that Node hands over (CONNECT) and then knows no more.
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  refuseNonRequests(server, options.refusals)
  await bind(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceSeconds) {
      const cutOff = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, graceSeconds * 1000)
      await close(server)
      clearTimeout(cutOff)
      // The server closes before the answers that were cut off do, and these have records to end.
      while (options.isRecording()) await nextTurn()
    },
  }
}

function requestListener({ fetch, refusals, onBug, isDraining }: ServerOptions): RequestListener {
  const answer = getRequestListener(
    (request, bindings) => fetch(request, bindings as Parameters<Fetch>[1]),
    {
      // Only HTTP/1.0 may leave Host out.
      hostname: 'localhost',
      errorHandler: (error) => {
        if (!(error instanceof RequestError)) {
          onBug(toError(error))
          return problemResponse(problemOf(toError(error)), undefined)
        }
        const isHost = /host/i.test(error.message)
        return problemResponse(
          refusals.refuse(isHost ? 'bad_host' : 'bad_target', undefined),
          undefined,
        )
      },
    },
  )
  const isGoodHost = goodHosts()
  return function onRequest(incoming, outgoing) {
    rememberLatest(incoming.socket, outgoing)
    if (isDraining()) outgoing.setHeader('connection', 'close')
    if (!isGoodHost(incoming)) {
      writeProblem(outgoing, refusals.refuse('bad_host', peerAddress(incoming)))
      return
    }
    // What Node cannot write (a status of 1000, a header with a line break) is thrown here, outside of every handler.
    Promise.resolve(answer(incoming, outgoing)).catch((thrown: unknown) => {
      const error = toError(thrown)
      const record = outgoing instanceof TracedResponse ? outgoing.record : undefined
      if (record) record.fail(error)
      else onBug(error)
      if (outgoing.headersSent) outgoing.destroy(error)
      else writeProblem(outgoing, problemOf(error))
    })
  }
}

// A service has few names; whoever makes some up is checked each time.
const mostRememberedHosts = 100

function goodHosts(): (incoming: IncomingMessage) => boolean {
  const known = new Set<string>()
  let latest: string | undefined
  return function isGoodHost({ headers: { host }, httpVersion }) {
    // Absent only in HTTP/1.0.
    if (host === undefined) return httpVersion === '1.0'
    if (host === latest) return true
    const isGood = known.has(host) || isHost(host)
    if (isGood) latest = host
    if (isGood && known.size < mostRememberedHosts) known.add(host)
    return isGood
  }
}

/** What this lets pass, node-server takes. */
function isHost(host: string): boolean {
  const [, port = '0'] = /^(?:\[[\da-f:.]+\]|[\w.-]*)(?::(\d{1,5}))?$/i.exec(host) ?? [host, 'none']
  return Number(port) <= 65_535 && (host === '' || URL.canParse(`http://${host}`))
}

async function bind(server: Server, { port, portSetting, host }: ServerOptions): Promise<void> {
  server.listen({ port, ...(host !== undefined && { host }) })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new StartError(whyNot(error, `${host ?? '*'}:${port}`, portSetting), { cause: error })
  }
}

function whyNot(error: unknown, address: string, portSetting: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EADDRINUSE':
      return `Cannot start: another process listens on ${address} already; stop it or set ${portSetting}.`
    case 'EACCES':
      return `Cannot start: this user may not listen on ${address}; set ${portSetting} to 1024 or above.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `Cannot start: ${address} is no address of this machine; correct HOST.`
    default:
      return `Cannot start: listening on ${address} failed (${message}); check HOST and ${portSetting}.`
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A connection that was busy at close() would otherwise wait out its keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  await closed
  clearInterval(sweep)
}
