import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

interface ComposeConfig {
  services: Record<string, { image?: string; build?: object }>
}

/** What cannot be looked at because its image cannot be had; the stack does without it. */
const dispensable = ['grafana']

/** Runs `docker compose`, while other things go on; rejects with what it printed if it fails. */
export async function compose(...args: string[]): Promise<void> {
  await promisify(execFile)('docker', ['compose', ...args])
}

/**
 * Starts the stack, or goes on with the one that runs, and waits until it is healthy.
 * @throws in one sentence if there is no Docker engine, or an image cannot be had
 */
export function startStack(environment: Record<string, string> = {}): void {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
    throw new Error('There is no Docker engine, so nothing of the stack was tested.')
  }
  const config = dockerWith(environment, 'compose', 'config', '--format', 'json')
  const { services } = JSON.parse(config) as ComposeConfig
  const missing = Object.entries(services).filter(
    ([, { image, build }]) => image !== undefined && build === undefined && !canHave(image),
  )
  const indispensable = missing.filter(([name]) => !dispensable.includes(name))
  if (indispensable.length > 0) {
    throw new Error(
      `These images cannot be had: ${indispensable.map(([name]) => name).join(', ')}.`,
    )
  }
  for (const [name] of missing) {
    process.stdout.write(`NOT VERIFIED: ${name} itself, its image cannot be had here.\n`)
  }
  const wanted = Object.keys(services).filter((name) => !missing.some(([gone]) => gone === name))
  dockerWith(environment, 'compose', 'up', '--detach', '--build', '--wait', ...wanted)
}

function canHave(image: string): boolean {
  return (
    spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0 ||
    spawnSync('docker', ['pull', '--quiet', image], { stdio: 'ignore' }).status === 0
  )
}

export function docker(...args: string[]): string {
  return dockerWith({}, ...args)
}

function dockerWith(environment: Record<string, string>, ...args: string[]): string {
  const env = { ...process.env, ...environment }
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`docker ${args.join(' ')} failed:\n${stderr}`)
  return stdout
}
