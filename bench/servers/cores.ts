import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

import { programOrThrow } from '../programs.ts'

/** The server's own. */
export const SERVER_CORE = '0'

/** The generator's, the receiver's, and the bench's own. Known before anything is pinned. */
export const otherCores = availableParallelism() > 2 ? `1-${availableParallelism() - 1}` : '1'

/** Moves this process off the server's core, and with it all that it will start. */
export function leaveTheServersCore(): void {
  if (availableParallelism() < 2) throw new Error('the bench needs two cores')
  const { status, stderr } = spawnSync(
    programOrThrow('taskset'),
    ['--all-tasks', '--pid', '--cpu-list', otherCores, String(process.pid)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`taskset: ${stderr}`)
}
