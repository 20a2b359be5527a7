import { startReceiver } from '../receivers/start-receiver.ts'
import type { Receiver, ReceiverKind } from '../receivers/receiver.ts'
import { startUpstream } from '../upstream/start-upstream.ts'
import type { Context } from './context.ts'

export async function openContext(leastBusy: number): Promise<Context & AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const upstream = opening.use(await startUpstream())
  const resources = opening.move()
  const receivers = new Map<string, Promise<Receiver>>()

  return {
    upstream,
    baselines: new Map(),
    leastBusy,
    receiver(kind, owner = '') {
      const key = `${kind} ${owner}`
      const found = receivers.get(key) ?? start(kind)
      receivers.set(key, found)
      return found
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }

  async function start(kind: ReceiverKind): Promise<Receiver> {
    return resources.use(await startReceiver(kind))
  }
}
