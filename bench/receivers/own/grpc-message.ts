import { gunzipSync } from 'node:zlib'

/** The message in the body of a unary gRPC call: after a byte that says whether it is compressed, and its length. */
export function messageOf(body: Buffer): Uint8Array {
  if (body.length < 5) throw new Error('a gRPC call without a message')
  const length = body.readUInt32BE(1)
  if (body.length !== 5 + length) throw new Error('a gRPC message of another length than it says')
  const message = body.subarray(5)
  return body[0] === 1 ? gunzipSync(message) : message
}
