import { setTimeout as sleep } from 'node:timers/promises'

import { kindBy } from './mix.ts'
import type { Kind } from './mix.ts'
import { Tally } from './tally.ts'
import type { Outcome } from './tally.ts'

export interface LoadOptions {
  url: string
  seconds: number
  perSecond: number
  /** Ends it early. */
  signal: AbortSignal
  /** Once a second. */
  onProgress?(tally: Tally, elapsedSeconds: number): void
}

// A service that does not answer is not buried under requests that wait.
const MAX_UNDER_WAY = 200
const PATIENCE_MILLIS = 10_000

/** Part of the time, from 0 to 1, during which much is slow and fails: at the end, so that it is what is seen first. */
const badSpell = { from: 0.75, to: 1 }

/** The mix at an even pace, however long the answers take, until the time is over. */
export async function runLoad(options: LoadOptions): Promise<Tally> {
  const { url, seconds, perSecond, signal, onProgress } = options
  const tally = new Tally()
  const underWay = new Set<Promise<void>>()
  const begun = performance.now()
  const elapsedSeconds = () => (performance.now() - begun) / 1000
  const progress = setInterval(() => onProgress?.(tally, elapsedSeconds()), 1000)

  for (let count = 0; count < seconds * perSecond && !signal.aborted; count += 1) {
    const dueMillis = begun + (count * 1000) / perSecond - performance.now()
    await sleep(Math.max(0, dueMillis), undefined, { signal }).catch(() => {})
    if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay)
    const request = send(url, kindBy(spread(count), isBad(elapsedSeconds() / seconds)))
      .then((outcome) => tally.add(outcome))
      .finally(() => underWay.delete(request))
    underWay.add(request)
  }
  await Promise.all(underWay)
  clearInterval(progress)
  return tally
}

/** From 0 to 1, as even as the golden ratio makes it: even a short run has some of everything. */
function spread(count: number): number {
  return (count * 0.618_033_988_749_895) % 1
}

export function badSpellOf(seconds: number): [fromSeconds: number, toSeconds: number] {
  return [badSpell.from * seconds, badSpell.to * seconds]
}

function isBad(part: number): boolean {
  return part >= badSpell.from && part < badSpell.to
}

async function send(url: string, kind: Kind): Promise<Outcome> {
  const { method, path, leaveAfterMillis = PATIENCE_MILLIS } = kind.request()
  const begun = performance.now()
  let status: number | undefined
  let traceId = ''
  try {
    const signal = AbortSignal.timeout(leaveAfterMillis)
    const response = await fetch(`${url}${path}`, { method, signal })
    await response.arrayBuffer()
    status = response.status
    traceId = response.headers.get('x-trace-id') ?? ''
  } catch {
    // No answer is an outcome, too.
  }
  return { kind: kind.name, status, seconds: (performance.now() - begun) / 1000, traceId }
}
