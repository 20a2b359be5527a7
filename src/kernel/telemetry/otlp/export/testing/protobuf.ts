/** Hand-written protobuf, for what tests send and what stubs answer. */
export function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)])
}

export function bytesField(number: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

/** A span as it stands in ScopeSpans, padded to about so many bytes. */
export function spanRecord(name: string, bytes = 0): Buffer {
  const padding = bytes > 0 ? bytesField(3, 'x'.repeat(bytes)) : Buffer.alloc(0)
  return bytesField(2, Buffer.concat([bytesField(5, name), padding]))
}

/** A resource with one attribute, as it stands in ResourceSpans and ResourceLogs. */
export const resourceBytes: Buffer = bytesField(
  1,
  bytesField(
    1,
    Buffer.concat([bytesField(1, 'service.name'), bytesField(2, bytesField(1, 'test'))]),
  ),
)

/** A scope as it stands in ScopeSpans and ScopeLogs. */
export const scopeBytes: Buffer = bytesField(1, bytesField(1, 'test-scope'))

/** An answer that takes all but `rejected`. */
export function partialSuccess(rejected: number, reason: string): Buffer {
  return bytesField(1, Buffer.concat([varintField(1, rejected), bytesField(2, reason)]))
}

/** `grpc-status-details-bin` that asks for a pause. */
export function retryInfo(seconds: number, nanos: number): string {
  const duration = Buffer.concat([varintField(1, seconds), varintField(2, nanos)])
  const detail = Buffer.concat([
    bytesField(1, 'type.googleapis.com/google.rpc.RetryInfo'),
    bytesField(2, bytesField(1, duration)),
  ])
  const status = Buffer.concat([varintField(1, 8), bytesField(2, 'busy'), bytesField(3, detail)])
  // gRPC leaves the padding out.
  return status.toString('base64').replace(/=+$/, '')
}
