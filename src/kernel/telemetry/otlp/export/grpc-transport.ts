import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import { toError } from '../../../errors.ts'
import { failureReason } from './failure-reason.ts'
import { callGrpc } from './grpc-call.ts'
import type { GrpcAnswer } from './grpc-call.ts'
import { GrpcConnection } from './grpc-connection.ts'
import { codeOfHttpStatus, codeOfReset, failureOf, grpcCode } from './grpc-status.ts'
import type { GrpcStatus } from './grpc-status.ts'
import type { OtlpTarget } from './otlp-target.ts'
import { deliveredBy } from './partial-success.ts'
import { headRoomBytes } from './transport.ts'
import type { Delivery, Transport } from './transport.ts'
import { userAgent } from './user-agent.ts'

const compress = promisify(gzip)

const paths = {
  spans: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const

/**
 * OTLP over gRPC. Of our own because of the copies: the official exporter makes three of every message, which costs a
 * busy service a tenth of its throughput. Here the caller's bytes go to the socket as they are.
 */
export class GrpcTransport implements Transport {
  readonly #connection: GrpcConnection
  readonly #headers: Record<string, string>
  readonly #gzip: boolean
  readonly #timeoutMillis: number

  constructor({ signal, url, tls, headers, gzip, timeoutMillis }: OtlpTarget) {
    this.#connection = new GrpcConnection(url, tls, timeoutMillis)
    this.#gzip = gzip
    this.#timeoutMillis = timeoutMillis
    this.#headers = {
      ...headers,
      ':method': 'POST',
      ':path': paths[signal],
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': userAgent,
      'grpc-timeout': timeoutOf(timeoutMillis),
      ...(gzip && { 'grpc-encoding': 'gzip' }),
    }
  }

  async send(framed: Buffer): Promise<Delivery> {
    try {
      const pieces = this.#gzip ? await compressed(framed) : [prefixed(framed)]
      const stream = this.#connection.request(this.#headers)
      const requestedAt = performance.now()
      const answer = await callGrpc(stream, pieces, this.#timeoutMillis)
      if (answer.isTimedOut) this.#connection.doubt(requestedAt)
      const delivery = deliveryOf(answer, this.#timeoutMillis)
      return answer.lingers && !this.#gzip ? { ...delivery, lingers: true } : delivery
    } catch (error) {
      return { kind: 'refused', reason: toError(error).message }
    }
  }

  close(): void {
    this.#connection.close()
  }
}

/** In the head room, so that prefix and message are one piece. */
function prefixed(framed: Buffer): Buffer {
  writePrefix(framed, 0, framed.length - headRoomBytes)
  return framed
}

async function compressed(framed: Buffer): Promise<Buffer[]> {
  const message = await compress(framed.subarray(headRoomBytes))
  const prefix = Buffer.alloc(headRoomBytes)
  writePrefix(prefix, 1, message.length)
  return [prefix, message]
}

function writePrefix(buffer: Buffer, compressedFlag: 0 | 1, length: number): void {
  buffer[0] = compressedFlag
  buffer.writeUInt32BE(length, 1)
}

/** At most eight digits. */
function timeoutOf(millis: number): string {
  return millis < 1e8 ? `${millis}m` : `${Math.ceil(millis / 1000)}S`
}

function deliveryOf(answer: GrpcAnswer, timeoutMillis: number): Delivery {
  const status = statusOf(answer, timeoutMillis)
  return status.code === 'OK' ? deliveredBy(messageIn(answer.body)) : failureOf(status)
}

/** Empty where there is none; compressed it cannot be, as we do not say that we could read that. */
function messageIn(body: Buffer): Buffer {
  return body[0] === 0 ? body.subarray(headRoomBytes) : Buffer.alloc(0)
}

function statusOf(answer: GrpcAnswer, timeoutMillis: number): GrpcStatus {
  return statusSaid(answer) ?? statusConcluded(answer, timeoutMillis)
}

/** In the trailers, or in the headers of an answer that has nothing else. */
function statusSaid({ headers, trailers }: GrpcAnswer): GrpcStatus | undefined {
  const carrier = trailers?.['grpc-status'] === undefined ? headers : trailers
  const number = textOf(carrier?.['grpc-status'])
  if (carrier === undefined || number === '') return undefined
  return {
    code: grpcCode(number) ?? 'UNKNOWN',
    message: decoded(textOf(carrier['grpc-message'])),
    details: textOf(carrier['grpc-status-details-bin']),
  }
}

function statusConcluded(
  { headers, error, resetCode, isTimedOut }: GrpcAnswer,
  timeoutMillis: number,
): GrpcStatus {
  if (isTimedOut) {
    return { code: 'DEADLINE_EXCEEDED', message: `deadline exceeded: ${timeoutMillis} ms` }
  }
  const httpStatus = headers?.[':status'] ?? 200
  if (httpStatus !== 200) {
    return { code: codeOfHttpStatus(httpStatus), message: `HTTP status ${httpStatus}` }
  }
  if (error !== undefined && !isReset(error)) {
    return { code: 'UNAVAILABLE', message: failureReason(error) }
  }
  if (headers !== undefined && resetCode === 0) {
    return { code: 'UNKNOWN', message: 'an answer without a status' }
  }
  return resetCode === 0
    ? { code: 'UNAVAILABLE', message: 'the connection was closed' }
    : { code: codeOfReset(resetCode), message: `the stream was reset with code ${resetCode}` }
}

/** By the collector, and not because the connection failed. */
function isReset(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_HTTP2_STREAM_ERROR'
}

function textOf(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}
