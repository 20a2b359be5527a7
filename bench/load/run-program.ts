import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Runs a load generator to its end and gives its stdout. @throws if it ends with anything but 0 */
export async function runProgram(
  path: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const child = spawn(path, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((settle, reject) => {
    child.once('error', reject)
    child.once('close', settle)
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (code !== 0) throw new Error(`${path} ended with ${code}: ${stderr}${stdout}`)
  return stdout
}
