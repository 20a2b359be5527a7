import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startServer } from '../servers/server.ts'
import type { Variant } from '../variants.ts'
import type { Context } from './context.ts'

export interface ColdStartRound {
  variant: string
  round: number
  millis: number
}

/** Starts as the image does: with what V8 compiled in an earlier life, which ended in order and so kept it. */
export class ColdStarts implements Disposable {
  readonly #caches = mkdtempSync(join(tmpdir(), 'plainsight-bench-cache-'))
  readonly #context: Context
  readonly #warm = new Set<string>()

  constructor(context: Context) {
    this.#context = context
  }

  async measure(variant: Variant, round: number): Promise<ColdStartRound> {
    if (!this.#warm.has(variant.name)) await this.#start(variant)
    this.#warm.add(variant.name)
    return { variant: variant.name, round, millis: await this.#start(variant) }
  }

  async #start(variant: Variant): Promise<number> {
    const receiver = await this.#context.receiver('own')
    await using server = await startServer(variant, {
      otlpUrl: receiver.url,
      upstreamUrl: this.#context.upstream.url,
      environment: { NODE_COMPILE_CACHE: join(this.#caches, variant.name) },
    })
    await server.stop()
    return server.startMillis
  }

  [Symbol.dispose](): void {
    rmSync(this.#caches, { recursive: true, force: true })
  }
}
