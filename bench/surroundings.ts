import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'

import { programPath } from './programs.ts'
import type { Program } from './programs.ts'
import { variants } from './variants.ts'

/** What the figures depend on. */
export interface Surroundings {
  startedAt: string
  commit: string
  machine: {
    processor: string
    cores: number
    memoryGiB: number
    system: string
    areCoresKeptAwake: boolean
  }
  programs: Record<string, string>
  /** By variant: the packages that its folder names. */
  packages: Record<string, Record<string, string>>
}

export function readSurroundings(areCoresKeptAwake: boolean): Surroundings {
  return {
    startedAt: new Date().toISOString(),
    commit: commit(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 1024 ** 3),
      system: `${platform()} ${release()} ${arch()}`,
      areCoresKeptAwake,
    },
    programs: {
      node: process.version,
      wrk: versionOf('wrk', '--version'),
      oha: versionOf('oha', '--version'),
      'otelcol-contrib': versionOf('otelcol-contrib', '--version'),
    },
    packages: Object.fromEntries(
      variants
        .filter(({ hasPackages }) => hasPackages)
        .map(({ name, folder }) => [name, packagesOf(folder)]),
    ),
  }
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', import.meta.dirname, ...args], { encoding: 'utf8' }).trim()
  try {
    // What the bench itself writes is no change.
    const isChanged =
      git('status', '--porcelain', '--', ':/src', ':/package-lock.json', 'variants') !== ''
    return `${git('rev-parse', '--short=12', 'HEAD')}${isChanged ? ', changed' : ''}`
  } catch {
    return 'unknown'
  }
}

function versionOf(program: Program, argument: string): string {
  const path = programPath(program)
  if (path === undefined) return 'not installed'
  try {
    // wrk prints its version with its usage, and ends with 1.
    return versionIn(execFileSync(path, [argument], { encoding: 'utf8', stdio: 'pipe' }))
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    return versionIn(stdout ?? '')
  }
}

function versionIn(text: string): string {
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? 'unknown'
}

function packagesOf(folder: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return manifest.dependencies ?? {}
}
