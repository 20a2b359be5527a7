import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const howToInstall = {
  wrk: 'apt-get install wrk',
  oha: 'cargo install oha --version 1.16.0 --locked (four minutes), or the binary of that release',
  awk: 'apt-get install mawk',
  taskset: 'apt-get install util-linux',
  'otelcol-contrib':
    'https://github.com/open-telemetry/opentelemetry-collector-releases/releases, into a folder that PLAINSIGHT_BIN names',
} as const

export type Program = keyof typeof howToInstall

/** Where a program lies: in the folder that PLAINSIGHT_BIN names, on the PATH, or where cargo installs. */
export function programPath(name: Program): string | undefined {
  const { PLAINSIGHT_BIN, PATH, CARGO_HOME } = process.env
  return [
    PLAINSIGHT_BIN,
    ...(PATH ?? '').split(delimiter),
    join(CARGO_HOME ?? join(homedir(), '.cargo'), 'bin'),
  ]
    .filter((folder) => folder !== undefined && folder !== '')
    .map((folder) => join(folder ?? '', name))
    .find(isExecutable)
}

/** @throws with the way to install what is missing */
export function programOrThrow(name: Program): string {
  const path = programPath(name)
  if (path === undefined) throw new Error(`${name} is missing: ${howToInstall[name]}`)
  return path
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
