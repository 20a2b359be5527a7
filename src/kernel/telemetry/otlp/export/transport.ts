/** Bytes before every message that belong to the transport: gRPC puts its prefix there, HTTP leaves them out. */
export const headRoomBytes = 5

/** What became of one attempt. */
export type Delivery = Outcome & {
  /** A connection on its end may still read the bytes: they must not be overwritten, ever. */
  lingers?: boolean
}

type Outcome =
  /** `rejected` of the batch's items were not taken; `reason` may also be a mere warning, or empty. */
  | { kind: 'delivered'; rejected: number; reason: string }
  /** May work the next time, at the earliest after the time that the collector asked for. */
  | { kind: 'retryable'; reason: string; afterMillis?: number | undefined }
  | { kind: 'refused'; reason: string }

export interface Transport {
  /**
   * Sends a message that begins after its head room. Never rejects, and resolves when nothing reads the bytes any more,
   * unless it says so.
   */
  send(framed: Buffer): Promise<Delivery>
  close(): void
}
