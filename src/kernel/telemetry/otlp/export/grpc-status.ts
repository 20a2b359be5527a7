import { constants } from 'node:http2'

import { retryDelayMillis } from './retry-delay.ts'
import type { Delivery } from './transport.ts'

const names = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

export type GrpcCode = (typeof names)[number]

export interface GrpcStatus {
  code: GrpcCode
  message: string
  /** google.rpc.Status in base64. */
  details?: string | undefined
}

/** Undefined for what is no code. */
export function grpcCode(number: string): GrpcCode | undefined {
  return /^\d+$/.test(number) ? names[Number(number)] : undefined
}

// https://opentelemetry.io/docs/specs/otlp/#failures
const retryable = new Set<GrpcCode>([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/** What a status other than OK means for the batch. */
export function failureOf({ code, message, details = '' }: GrpcStatus): Delivery {
  const reason = `${names.indexOf(code)} ${code}: ${message}`
  const afterMillis = retryDelayMillis(details)
  // Exhausted for good, unless the collector says when it will not be.
  const isRetryable =
    retryable.has(code) || (code === 'RESOURCE_EXHAUSTED' && afterMillis !== undefined)
  return isRetryable ? { kind: 'retryable', reason, afterMillis } : { kind: 'refused', reason }
}

/** Of an answer that is not gRPC's, a proxy's say. https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
export function codeOfHttpStatus(status: number): GrpcCode {
  switch (status) {
    case 400:
      return 'INTERNAL'
    case 401:
      return 'UNAUTHENTICATED'
    case 403:
      return 'PERMISSION_DENIED'
    case 404:
      return 'UNIMPLEMENTED'
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE'
    default:
      return 'UNKNOWN'
  }
}

/** Of a stream that was reset. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors */
export function codeOfReset(resetCode: number): GrpcCode {
  switch (resetCode) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return 'UNAVAILABLE'
    case constants.NGHTTP2_CANCEL:
      return 'CANCELLED'
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return 'RESOURCE_EXHAUSTED'
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return 'PERMISSION_DENIED'
    default:
      return 'INTERNAL'
  }
}
