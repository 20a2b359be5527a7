import { fieldsOf } from './protobuf-fields.ts'
import type { Delivery } from './transport.ts'

/**
 * Reads ExportTraceServiceResponse or ExportLogsServiceResponse, which have the same shape: field 1 is the partial
 * success, in which 1 is how many were rejected and 2 why. An answer that cannot be read takes nothing back: the
 * collector has said that all went well.
 */
export function deliveredBy(response: Uint8Array): Delivery {
  try {
    return { kind: 'delivered', ...partialSuccessOf(response) }
  } catch {
    return { kind: 'delivered', rejected: 0, reason: '' }
  }
}

function partialSuccessOf(response: Uint8Array): { rejected: number; reason: string } {
  const found = { rejected: 0, reason: '' }
  for (const { number, value } of fieldsOf(response)) {
    if (number !== 1 || typeof value === 'number') continue
    for (const part of fieldsOf(value)) {
      if (part.number === 1 && typeof part.value === 'number') found.rejected = part.value
      if (part.number === 2 && typeof part.value !== 'number') {
        found.reason = Buffer.from(part.value).toString()
      }
    }
  }
  return found
}
