import { realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Where the program lies that the process was started with, also if that was by a link. It may have been a folder
 * (`node .`), or no file at all (`node --eval`): then it is where the process runs.
 */
export function mainFolder(started = process.argv[1]): string {
  try {
    const path = realpathSync(started ?? '')
    return statSync(path).isDirectory() ? path : dirname(path)
  } catch {
    return process.cwd()
  }
}
