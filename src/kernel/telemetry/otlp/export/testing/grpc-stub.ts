import { once } from 'node:events'
import { createSecureServer, createServer } from 'node:http2'
import type {
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { gunzipSync } from 'node:zlib'

export interface GrpcCall {
  headers: IncomingHttpHeaders
  /** As it came, prefix included. */
  body: Buffer
  /** Unpacked. */
  message: Buffer
}

/** Called with the whole request, or at once where it says `early`. */
export type GrpcAnswerer = (stream: ServerHttp2Stream, call: GrpcCall) => void

export interface GrpcStub extends AsyncDisposable {
  url: string
  port: number
  calls: GrpcCall[]
  sessions: ServerHttp2Session[]
  /** With which code the client gave up streams. */
  aborted: number[]
  answer: GrpcAnswerer
  /** Answers before the request is read. */
  answerEarly: ((stream: ServerHttp2Stream) => void) | undefined
  /** As a process that is killed: no farewell. */
  kill(): Promise<void>
}

export interface GrpcStubOptions {
  answer?: GrpcAnswerer
  port?: number
  tls?: { key: Buffer; cert: Buffer; ca?: Buffer; requestCert?: boolean }
}

/** A gRPC server with Node's defaults, windows of 64 KiB among them, that answers as a test wants. */
export async function startGrpcStub({
  answer = answerOk,
  port = 0,
  tls,
}: GrpcStubOptions = {}): Promise<GrpcStub> {
  const server = tls ? createSecureServer(tls) : createServer()
  const host = tls ? 'localhost' : '127.0.0.1'
  const stub: GrpcStub = {
    url: '',
    port: 0,
    calls: [],
    sessions: [],
    aborted: [],
    answer,
    answerEarly: undefined,
    async kill() {
      const closed = once(server, 'close')
      server.close()
      for (const session of stub.sessions) session.destroy()
      await closed
    },
    [Symbol.asyncDispose]: () => (server.listening ? stub.kill() : Promise.resolve()),
  }
  server.on('session', (session) => {
    stub.sessions.push(session)
    session.on('error', () => {})
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    stream.on('aborted', () => {
      stub.aborted.push(stream.rstCode)
    })
    if (stub.answerEarly) return stub.answerEarly(stream)
    void take(stub, stream, headers)
  })
  server.listen(port, host)
  await once(server, 'listening')
  stub.port = (server.address() as AddressInfo).port
  stub.url = `${tls ? 'https' : 'http'}://${host}:${stub.port}`
  return stub
}

async function take(
  stub: GrpcStub,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  try {
    const body = await buffer(stream)
    const packed = body.subarray(5)
    const call = { headers, body, message: body[0] === 1 ? gunzipSync(packed) : packed }
    stub.calls.push(call)
    stub.answer(stream, call)
  } catch {
    // The client gave up.
  }
}

export function answerOk(stream: ServerHttp2Stream): void {
  answerWith(stream, { 'grpc-status': '0' })
}

/** A response message, possibly empty, and the status in trailers. */
export function answerWith(
  stream: ServerHttp2Stream,
  trailers: OutgoingHttpHeaders,
  message: Buffer = Buffer.alloc(0),
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([prefix, message]))
}

/** The status in the headers, and nothing else. */
export function answerTrailersOnly(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...headers },
    { endStream: true },
  )
}

export function isAuthorized(session: ServerHttp2Session | undefined): boolean {
  return (session?.socket as TLSSocket | undefined)?.authorized ?? false
}
