import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Upstream extends AsyncDisposable {
  url: string
}

export async function startUpstream(): Promise<Upstream> {
  const child = fork(join(import.meta.dirname, 'main.ts'))
  const exited = once(child, 'exit')
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
