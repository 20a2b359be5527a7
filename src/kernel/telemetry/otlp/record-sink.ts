import type { ByteSink } from '../byte-sink.ts'

/** Where encoded records go, each with its own tag and length. */
export interface RecordSink extends ByteSink {
  /** For a record that was encoded elsewhere. */
  append(record: Uint8Array): void
}
