import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where a program of the stack (`promtool`, `prometheus`, …) lies: in the folder that PLAINSIGHT_BIN names. Tests that
 * need one say `skip: missing('promtool')`; `.ci/run` brings the programs, so that there none is left out.
 */
export function stackProgram(name: string): string {
  return join(process.env['PLAINSIGHT_BIN'] ?? '', name)
}

/** The reason to leave a test out, or false. */
export function missing(...names: string[]): string | false {
  const absent = names.filter(
    (name) => !process.env['PLAINSIGHT_BIN'] || !existsSync(stackProgram(name)),
  )
  return absent.length > 0 && `PLAINSIGHT_BIN names no folder with ${absent.join(' and ')}`
}
