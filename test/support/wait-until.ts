import { setTimeout as sleep } from 'node:timers/promises'

/** Polls every 20 ms until `probe` gives something other than `undefined` or `false`; a throw ends it. */
export async function waitUntil<T>(
  probe: () => T | undefined | false,
  timeoutMillis: number,
  complaint: () => string,
): Promise<T> {
  const deadline = performance.now() + timeoutMillis
  for (;;) {
    const found = probe()
    if (found !== undefined && found !== false) return found
    if (performance.now() >= deadline) throw new Error(complaint())
    await sleep(20)
  }
}
