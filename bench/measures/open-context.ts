import { startReceiver } from '../receivers/start-receiver.ts'
import type { Receiver, ReceiverKind } from '../receivers/receiver.ts'
import { startUpstream } from '../upstream/start-upstream.ts'
import type { Context } from './context.ts'

export async function openContext(
  limits: Pick<Context, 'leastBusy' | 'mostTries'>,
): Promise<Context & AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const upstream = opening.use(await startUpstream())
  const resources = opening.move()
  const receivers = new Map<ReceiverKind, Promise<Receiver>>()

  return {
    upstream,
    baselines: new Map(),
    ...limits,
    receiver(kind) {
      const found = receivers.get(kind) ?? start(kind)
      receivers.set(kind, found)
      return found
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }

  async function start(kind: ReceiverKind): Promise<Receiver> {
    return resources.use(await startReceiver(kind))
  }
}
