import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

import type { Variant } from './variants.ts'

/** `npm ci` in the folders of variants that bring packages, where it has not run since the lock changed. */
export function installPackages(chosen: readonly Variant[], tell: (text: string) => void): void {
  for (const { name, folder, hasPackages } of chosen) {
    if (!hasPackages || isInstalled(folder)) continue
    tell(`npm ci in bench/variants/${name}`)
    const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], {
      cwd: folder,
      // With this Node, or npm would look for packages of an older one.
      env: {
        ...process.env,
        PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`npm ci in bench/variants/${name} failed: ${stderr}`)
  }
}

function isInstalled(folder: string): boolean {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  return (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs
  )
}
