import type { Variant } from '../variants.ts'
import { countedRun } from '../servers/counted-run.ts'
import { netOf, perRequest } from '../servers/counts.ts'
import type { Counts } from '../servers/counts.ts'
import type { Server } from '../servers/server.ts'
import type { Workload } from '../workloads.ts'
import type { Context } from './context.ts'

const REQUESTS = 20

/** What a request of a workload leaves when nobody is in a hurry. */
export interface Leavings {
  variant: string
  workload: string
  perRequest: Counts
}

/** Same answers as all others, and telemetry that really arrives; a variant that fails this is not measured. */
export async function checkVariant(
  variant: Variant,
  workloads: readonly Workload[],
  context: Context,
): Promise<Leavings[]> {
  const receiver = await context.receiver('own')
  const options = { upstreamUrl: context.upstream.url }
  await countedRun(variant, receiver, options, (server) => checkAnswers(variant, workloads, server))
  if (!variant.isObserved) return []

  const { counts: baseline } = await countedRun(variant, receiver, options, async () => {})
  context.baselines.set(variant.name, baseline)

  const leavings: Leavings[] = []
  for (const workload of workloads) {
    const { environment } = workload
    const { counts } = await countedRun(
      variant,
      receiver,
      { ...options, environment },
      async (server) => {
        for (let count = 0; count < REQUESTS; count += 1) await ask(server, workload)
      },
    )
    const left = perRequest(netOf(counts, baseline), REQUESTS)
    refuseNothing(variant, workload, left)
    leavings.push({ variant: variant.name, workload: workload.name, perRequest: left })
  }
  return leavings
}

async function checkAnswers(
  { name }: Variant,
  workloads: readonly Workload[],
  server: Server,
): Promise<void> {
  for (const workload of workloads) {
    const { status, text } = await ask(server, workload)
    const { title, status: expectedStatus, answer } = workload
    if (status !== expectedStatus || (answer !== undefined && text !== answer)) {
      throw new Error(`${name} answers ${title} with ${status} ${text}, not as all others do`)
    }
  }
}

async function ask(
  { url }: Server,
  { path, method, body }: Workload,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, text: await response.text() }
}

/** Spans may be sampled; everything else of a request must arrive. */
function refuseNothing({ name }: Variant, { title, environment }: Workload, left: Counts): void {
  const isSampled = 'OTEL_TRACES_SAMPLER' in environment
  const missing = Object.entries(left)
    .filter(([what, count]) => count < 1 && !(what === 'spans' && isSampled))
    .map(([what]) => what)
  if (missing.length > 0) throw new Error(`${name}: ${title} leaves no ${missing.join(', no ')}`)
}
