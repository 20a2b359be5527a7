import { connect } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'

import type { OtlpTls } from './otlp-target.ts'

/**
 * One HTTP/2 connection to the collector: opened when it is needed, opened anew when it is gone, and never a reason for
 * the process to stay.
 */
export class GrpcConnection {
  readonly #origin: string
  readonly #tls: OtlpTls
  readonly #longestCallMillis: number
  #session: ClientHttp2Session | undefined
  #socket: Socket | undefined
  /** When the present one was opened, or last answered. */
  #lastSignAt = 0

  constructor(origin: string, tls: OtlpTls, longestCallMillis: number) {
    this.#origin = origin
    this.#tls = tls
    this.#longestCallMillis = longestCallMillis
  }

  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.#usable().request(headers)
    stream.on('response', () => {
      this.#lastSignAt = performance.now()
    })
    return stream
  }

  /** After an attempt without an answer: a connection on which nothing came since its request may be dead. */
  doubt(requestedAt: number): void {
    if (this.#lastSignAt > requestedAt) return
    const doubtful = this.#session
    const socket = this.#socket
    this.#session = undefined
    // What is still under way on it may be answered after all. No farewell then: a dead peer would never take it.
    const end = () => {
      doubtful?.destroy()
      // The session alone would wait until its last write is through.
      socket?.destroy()
    }
    setTimeout(end, this.#longestCallMillis).unref()
  }

  close(): void {
    this.#session?.close()
  }

  #usable(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = this.#open()
    }
    return this.#session
  }

  #open(): ClientHttp2Session {
    const session = connect(this.#origin, {
      ...this.#tls,
      // Node counts what waits for the peer's window, and refuses streams beyond 10 MB; the byte budget is our limit.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    })
    session.unref()
    this.#lastSignAt = performance.now()
    this.#socket = undefined
    session.once('connect', (_, socket) => {
      if (session === this.#session) this.#socket = socket
    })
    // Its streams end with the same error and tell of it.
    session.on('error', () => {})
    return session
  }
}
