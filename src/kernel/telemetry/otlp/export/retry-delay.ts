import { fieldsOf } from './protobuf-fields.ts'

const retryInfoType = 'type.googleapis.com/google.rpc.RetryInfo'

/**
 * When a collector wants to be asked again, from `grpc-status-details-bin`: a google.rpc.Status in base64, among whose
 * details (3) is an Any of the type RetryInfo (1) with a value (2), whose field 1 is a Duration. Undefined: not said.
 */
export function retryDelayMillis(statusDetails: string): number | undefined {
  try {
    for (const detail of messagesIn(Buffer.from(statusDetails, 'base64'), 3)) {
      if (typeOf(detail) !== retryInfoType) continue
      const [retryInfo = new Uint8Array()] = messagesIn(detail, 2)
      const [duration = new Uint8Array()] = messagesIn(retryInfo, 1)
      return durationMillis(duration)
    }
  } catch {
    // Not ours to judge; without a delay it is treated as if none had been sent.
  }
  return undefined
}

function typeOf(detail: Uint8Array): string {
  const [name = new Uint8Array()] = messagesIn(detail, 1)
  return Buffer.from(name).toString()
}

function messagesIn(message: Uint8Array, wanted: number): Uint8Array[] {
  return [...fieldsOf(message)].flatMap(({ number, value }) =>
    number === wanted && typeof value !== 'number' ? [value] : [],
  )
}

function durationMillis(duration: Uint8Array): number {
  let millis = 0
  for (const { number, value } of fieldsOf(duration)) {
    if (typeof value !== 'number') continue
    if (number === 1) millis += value * 1000
    if (number === 2) millis += value / 1_000_000
  }
  return millis
}
