import { freePort } from '../../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { startOwnReceiver, startSlowReceiver } from './own-receiver.ts'
import type { Receiver, ReceiverKind } from './receiver.ts'

export function startReceiver(kind: ReceiverKind): Promise<Receiver> {
  switch (kind) {
    case 'own':
      return startOwnReceiver()
    case 'slow':
      return startSlowReceiver()
    case 'collector':
      return startCollector()
    case 'down':
      return nobody()
  }
}

/** A port where nobody listens. */
async function nobody(): Promise<Receiver> {
  return {
    url: `http://127.0.0.1:${await freePort()}`,
    received: async () => ({ spans: 0, logRecords: 0 }),
    async [Symbol.asyncDispose]() {},
  }
}
