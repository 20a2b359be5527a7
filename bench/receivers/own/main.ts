// An OTLP/gRPC receiver that answers ok and counts, in a process of its own. It keeps the default windows of HTTP/2,
// 64 KiB for a stream and for a connection, which a Go server widens by itself and many others do not.
import { createServer } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { messageOf } from './grpc-message.ts'
import { countRecords } from '../count-records.ts'
import type { Received } from '../receiver.ts'

const answerMillis = Number(process.argv[2] ?? '0')
const received: Received = { spans: 0, logRecords: 0 }

const server = createServer()
server.on('stream', (stream, headers) => {
  take(stream as ServerHttp2Stream, headers[':path'] ?? '').catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    stream.destroy()
  })
})
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)

process.on('message', () => process.send?.({ received }))
process.on('disconnect', () => process.exit())

async function take(stream: ServerHttp2Stream, path: string): Promise<void> {
  stream.on('error', () => {})
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const count = countRecords(messageOf(Buffer.concat(chunks)))
  if (path.includes('TraceService')) received.spans += count
  else received.logRecords += count
  if (answerMillis > 0) await sleep(answerMillis)
  answer(stream)
}

/** An empty response: everything was taken. */
function answer(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.alloc(5))
}
