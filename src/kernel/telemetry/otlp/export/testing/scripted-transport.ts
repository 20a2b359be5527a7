import type { Delivery, Transport } from '../transport.ts'

export interface Attempt {
  /** A copy: the bytes are overwritten once it is answered. */
  bytes: Buffer
  at: number
  answer(delivery: Delivery): void
}

/** A transport whose answers a test gives: at once from `script` while that lasts, else when it calls `answer`. */
export class ScriptedTransport implements Transport {
  readonly attempts: Attempt[] = []
  readonly script: Delivery[]
  isClosed = false

  constructor(script: Delivery[] = []) {
    this.script = script
  }

  send(framed: Buffer): Promise<Delivery> {
    const { promise, resolve } = Promise.withResolvers<Delivery>()
    this.attempts.push({ bytes: Buffer.from(framed), at: performance.now(), answer: resolve })
    const next = this.script.shift()
    if (next) resolve(next)
    return promise
  }

  /** Those that have an answer keep it. */
  answerAll(delivery: Delivery): void {
    for (const { answer } of this.attempts) answer(delivery)
  }

  close(): void {
    this.isClosed = true
  }
}

export const delivered: Delivery = { kind: 'delivered', rejected: 0, reason: '' }
export const unavailable: Delivery = { kind: 'retryable', reason: 'away' }
export const refused: Delivery = { kind: 'refused', reason: 'who are you' }
