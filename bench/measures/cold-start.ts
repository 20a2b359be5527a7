import { startServer } from '../servers/server.ts'
import type { Variant } from '../variants.ts'
import type { Context } from './context.ts'

export interface ColdStartRound {
  variant: string
  round: number
  millis: number
}

/** A start in the image's way; the variant's check has filled its compile cache. */
export async function measureColdStart(
  variant: Variant,
  round: number,
  context: Context,
): Promise<ColdStartRound> {
  const receiver = await context.receiver('own')
  await using server = await startServer(variant, {
    otlpUrl: receiver.url,
    upstreamUrl: context.upstream.url,
  })
  await server.stop()
  return { variant: variant.name, round, millis: server.startMillis }
}
