import type { RedisConnection } from './redis-connection.ts'
import type { RedisMetrics } from './redis-metrics.ts'
import type { Replication } from './replication.ts'

const pauseMillis = 1000

/** Looks at all servers at once, every second: who may be read from, and how far the replicas lag. */
export function watchReplication(
  primary: RedisConnection,
  replicas: RedisConnection[],
  metrics: RedisMetrics,
): Disposable {
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  async function look(): Promise<void> {
    await Promise.all([primary, ...replicas].map((connection) => connection.look()))
    if (isClosed) return
    report()
    timer = setTimeout(() => void look(), pauseMillis)
  }

  function report(): void {
    const source = toldBy(primary)
    metrics.connectedReplicas(source?.replicas)
    for (const replica of replicas) {
      const state = toldBy(replica)
      metrics.replica(replica.server, {
        ...(state && { linkUp: state.linkUp }),
        ...(source && state?.everLinked && { lagBytes: lagBytes(source, state) }),
      })
    }
  }

  void look()
  return {
    [Symbol.dispose]() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

function toldBy({ isReady, replication }: RedisConnection): Replication | undefined {
  return isReady ? replication : undefined
}

/** Both were asked at about the same time, so a replica may seem ahead. */
function lagBytes(primary: Replication, replica: Replication): number {
  return Math.max(0, primary.offset - replica.offset)
}
