import { BatchHead } from '../batch-head.ts'
import { ExportBatch } from '../export-batch.ts'
import { resourceBytes, scopeBytes } from './protobuf.ts'

export const testHead = new BatchHead(resourceBytes, scopeBytes)

/** A sealed batch in a buffer of just its size. */
export function batchOf(...records: Buffer[]): ExportBatch {
  const length = records.reduce((sum, record) => sum + record.length, testHead.length)
  const batch = new ExportBatch(Buffer.alloc(length), testHead)
  for (const record of records) {
    batch.buffer.set(record, batch.end)
    batch.end += record.length
    batch.count += 1
  }
  batch.seal()
  return batch
}
