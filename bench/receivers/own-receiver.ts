import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { Received, Receiver } from './receiver.ts'

const SLOW_ANSWER_MILLIS = 3000

export function startOwnReceiver(): Promise<Receiver> {
  return startAnsweringAfter(0)
}

export function startSlowReceiver(): Promise<Receiver> {
  return startAnsweringAfter(SLOW_ANSWER_MILLIS)
}

async function startAnsweringAfter(millis: number): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'own', 'main.ts'), [String(millis)])
  const exited = once(child, 'exit')
  const failed = exited.then(([code]) => {
    throw new Error(`the own receiver ended with ${code}`)
  })
  failed.catch(() => {})
  const next = async () => {
    const [message] = (await Promise.race([once(child, 'message'), failed])) as [unknown]
    return message
  }

  const { port } = (await next()) as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async received() {
      const answer = next()
      child.send('received')
      return ((await answer) as { received: Received }).received
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
