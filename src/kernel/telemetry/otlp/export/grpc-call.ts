import { constants } from 'node:http2'
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2'

/** What is left of a call when its stream is closed. */
export interface GrpcAnswer {
  /** Undefined when none came. */
  headers: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined
  trailers: IncomingHttpHeaders | undefined
  body: Buffer
  error: Error | undefined
  resetCode: number
  isTimedOut: boolean
  /** Whether the request may still be read: what a socket was given, it writes even if the stream is long closed. */
  lingers: boolean
}

// As much as the official exporters read; a collector's answer has a few bytes.
const longestBodyBytes = 4 * 1024 * 1024

/** Resolves when the stream is closed. */
export function callGrpc(
  stream: ClientHttp2Stream,
  pieces: readonly Buffer[],
  timeoutMillis: number,
): Promise<GrpcAnswer> {
  const body: Buffer[] = []
  const answer: Omit<GrpcAnswer, 'body' | 'lingers'> = {
    headers: undefined,
    trailers: undefined,
    error: undefined,
    resetCode: constants.NGHTTP2_NO_ERROR,
    isTimedOut: false,
  }
  const timer = setTimeout(() => {
    answer.isTimedOut = true
    cancel(stream)
  }, timeoutMillis)
  timer.unref()

  stream.on('response', (headers) => {
    answer.headers = headers
  })
  stream.on('trailers', (trailers) => {
    answer.trailers = trailers
  })
  collect(stream, body)
  stream.on('error', (error) => {
    answer.error = error
  })
  for (const piece of pieces.slice(0, -1)) stream.write(piece)
  stream.end(pieces.at(-1))

  return new Promise((resolve) => {
    stream.on('close', () => {
      clearTimeout(timer)
      resolve({
        ...answer,
        body: Buffer.concat(body),
        resetCode: stream.rstCode,
        lingers: !stream.writableFinished,
      })
    })
  })
}

function collect(stream: ClientHttp2Stream, body: Buffer[]): void {
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= longestBodyBytes) body.push(chunk)
  })
  // Whoever has answered does not read on, and an unfinished request would keep the stream open.
  stream.on('end', () => {
    if (!stream.writableFinished) cancel(stream)
  })
}

function cancel(stream: ClientHttp2Stream): void {
  stream.close(constants.NGHTTP2_CANCEL)
  // `close` alone waits until the peer takes the frame, which a dead one never does.
  stream.destroy()
}
