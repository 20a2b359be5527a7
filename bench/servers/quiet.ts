import { setTimeout as sleep } from 'node:timers/promises'

import { cpuSeconds } from './process-figures.ts'

/** Until the process has hardly anything left to do, or for two seconds. */
export async function quiet(pid: number): Promise<void> {
  for (let step = 0, before = cpuSeconds(pid); step < 10; step += 1) {
    await sleep(200)
    const now = cpuSeconds(pid)
    if (now - before <= 0.02) return
    before = now
  }
}
