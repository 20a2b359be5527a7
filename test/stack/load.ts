import { serviceUrl } from './servers.ts'

export interface Sent {
  traceId: string
  status: number
}

/** One request; throws if there is no answer. */
export async function send(path: string, url = serviceUrl): Promise<Sent> {
  const response = await fetch(`${url}${path}`)
  await response.arrayBuffer()
  return { traceId: response.headers.get('x-trace-id') ?? '', status: response.status }
}

/** So many requests, `workers` at a time. */
export async function sendMany(paths: string[], workers = 10, url = serviceUrl): Promise<Sent[]> {
  const sent: Sent[] = []
  const left = [...paths]
  async function work(): Promise<void> {
    for (let path = left.pop(); path !== undefined; path = left.pop())
      sent.push(await send(path, url))
  }
  await Promise.all(Array.from({ length: workers }, work))
  return sent
}

export interface SteadyLoad {
  answered(): number
  stop(): Promise<Sent[]>
}

/** Requests at an even pace until it is told to stop; resolves with those that were answered. */
export function steadyLoad(path: string, perSecond: number): SteadyLoad {
  const answers: Promise<Sent | undefined>[] = []
  let answered = 0
  async function sendOne(): Promise<Sent> {
    const sent = await send(path)
    answered += 1
    return sent
  }
  const timer = setInterval(() => {
    answers.push(sendOne().catch(() => undefined))
  }, 1000 / perSecond)
  return {
    answered: () => answered,
    async stop() {
      clearInterval(timer)
      return (await Promise.all(answers)).filter((answer) => answer !== undefined)
    },
  }
}
