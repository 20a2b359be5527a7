import type { ByteBudget } from './byte-budget.ts'

export interface BufferPoolOptions {
  bufferBytes?: number
  /** What stays for the next burst; a few are in use at once even when all goes well. */
  spares?: number
}

/** Buffers within a budget. Those of the usual size are used again: new ones would drive major garbage collections. */
export class BufferPool {
  readonly budget: ByteBudget
  readonly bufferBytes: number
  readonly #maxSpares: number
  readonly #spares: Buffer[] = []

  constructor(
    budget: ByteBudget,
    { bufferBytes = 256 * 1024, spares = 8 }: BufferPoolOptions = {},
  ) {
    this.budget = budget
    this.bufferBytes = bufferBytes
    this.#maxSpares = spares
  }

  /** Not zeroed. Undefined when the budget has no room for it. */
  take(bytes = this.bufferBytes): Buffer | undefined {
    if (!this.budget.take(bytes)) return undefined
    const spare = bytes === this.bufferBytes ? this.#spares.pop() : undefined
    return spare ?? Buffer.allocUnsafeSlow(bytes)
  }

  giveBack(buffer: Buffer): void {
    this.budget.giveBack(buffer.length)
    this.#reuse(buffer)
  }

  /** The first so many bytes in a buffer of just that size; the one they were in goes back. */
  shrink(buffer: Buffer, bytes: number): Buffer {
    const smaller = Buffer.allocUnsafeSlow(bytes)
    buffer.copy(smaller)
    this.budget.giveBack(buffer.length - bytes)
    this.#reuse(buffer)
    return smaller
  }

  #reuse(buffer: Buffer): void {
    if (buffer.length === this.bufferBytes && this.#spares.length < this.#maxSpares) {
      this.#spares.push(buffer)
    }
  }
}
