import { Agent, request as requestHttp } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as TlsAgent, request as requestHttps } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import { toError } from '../../../errors.ts'
import { failureReason } from './failure-reason.ts'
import type { OtlpTarget } from './otlp-target.ts'
import { deliveredBy } from './partial-success.ts'
import { headRoomBytes } from './transport.ts'
import type { Delivery, Transport } from './transport.ts'
import { userAgent } from './user-agent.ts'

const compress = promisify(gzip)

// As much as the official exporters read; a collector's answer has a few bytes.
const longestBodyBytes = 4 * 1024 * 1024

// https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
const retryableStatuses = new Set([429, 502, 503, 504])

// What does not pass: a certificate that is not trusted, TLS that is none, an answer that is no HTTP. Anything else does.
const lastingErrors =
  /^(?:CERT_|DEPTH_ZERO_|EPROTO|ERR_INVALID_|ERR_SSL_|ERR_TLS_|HPE_|HOSTNAME_MISMATCH|SELF_SIGNED_|UNABLE_TO_)/

/**
 * OTLP over HTTP. The official exporter's delegate retries by itself and tells of a partial success only as text in a
 * log line, so neither an outage nor what was taken could be told of a batch.
 */
export class HttpTransport implements Transport {
  readonly #url: URL
  readonly #options: RequestOptions & { agent: Agent }
  readonly #gzip: boolean
  readonly #timeoutMillis: number

  constructor({ url, tls, headers, gzip, timeoutMillis }: OtlpTarget) {
    this.#url = new URL(url)
    this.#gzip = gzip
    this.#timeoutMillis = timeoutMillis
    this.#options = {
      method: 'POST',
      agent:
        this.#url.protocol === 'https:'
          ? new TlsAgent({ keepAlive: true, ...tls })
          : new Agent({ keepAlive: true }),
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        'user-agent': userAgent,
        ...(gzip && { 'content-encoding': 'gzip' }),
      },
    }
  }

  async send(framed: Buffer): Promise<Delivery> {
    try {
      const message = framed.subarray(headRoomBytes)
      const body = this.#gzip ? await compress(message) : message
      return deliveryOf(await this.#post(body), this.#timeoutMillis)
    } catch (error) {
      return { kind: 'refused', reason: toError(error).message }
    }
  }

  close(): void {
    this.#options.agent.destroy()
  }

  #post(body: Buffer): Promise<HttpAnswer> {
    const request = this.#url.protocol === 'https:' ? requestHttps : requestHttp
    const call = request(this.#url, this.#options)
    call.on('socket', (socket) => socket.unref())
    call.setHeader('content-length', body.length)
    call.end(body)
    return answerTo(call, this.#timeoutMillis)
  }
}

/** What is left of a request when it is closed. */
interface HttpAnswer {
  /** Undefined when none came. */
  response: IncomingMessage | undefined
  body: Buffer
  error: NodeJS.ErrnoException | undefined
  isTimedOut: boolean
}

/** Resolves when the request is closed, for until then its body may be read. */
function answerTo(call: ClientRequest, timeoutMillis: number): Promise<HttpAnswer> {
  const body: Buffer[] = []
  const answer: Omit<HttpAnswer, 'body'> = {
    response: undefined,
    error: undefined,
    isTimedOut: false,
  }
  const timer = setTimeout(() => {
    answer.isTimedOut = true
    call.destroy()
  }, timeoutMillis)
  timer.unref()

  call.on('response', (response) => {
    answer.response = response
    collect(response, body)
    // Whoever has answered does not read on.
    response.on('end', () => {
      if (!call.writableFinished) call.destroy()
    })
  })
  call.on('error', (error) => {
    answer.error = error
  })
  return new Promise((resolve) => {
    call.on('close', () => {
      clearTimeout(timer)
      resolve({ ...answer, body: Buffer.concat(body) })
    })
  })
}

/** Where it breaks off, the status has been said already. */
function collect(response: IncomingMessage, body: Buffer[]): void {
  let length = 0
  response.on('error', () => {})
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= longestBodyBytes) body.push(chunk)
  })
}

function deliveryOf(
  { response, body, error, isTimedOut }: HttpAnswer,
  timeoutMillis: number,
): Delivery {
  if (response !== undefined) return deliveryByStatus(response, body)
  if (isTimedOut) return { kind: 'retryable', reason: `deadline exceeded: ${timeoutMillis} ms` }
  if (error === undefined) return { kind: 'retryable', reason: 'the connection was closed' }
  const kind = lastingErrors.test(error.code ?? '') ? 'refused' : 'retryable'
  return { kind, reason: failureReason(error) }
}

function deliveryByStatus(response: IncomingMessage, body: Buffer): Delivery {
  const { statusCode = 0, statusMessage = '', headers } = response
  if (statusCode >= 200 && statusCode <= 299) return deliveredBy(body)
  const reason = `HTTP status ${statusCode} ${statusMessage}`
  if (!retryableStatuses.has(statusCode)) return { kind: 'refused', reason }
  return { kind: 'retryable', reason, afterMillis: retryAfterMillis(headers['retry-after']) }
}

/** Seconds or a date. */
function retryAfterMillis(retryAfter = ''): number | undefined {
  const millis = /^\d+$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - Date.now()
  return millis > 0 ? millis : undefined
}
