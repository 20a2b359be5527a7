import type { RedisConnection } from './redis-connection.ts'

interface Readers {
  primary: RedisConnection
  replicas: RedisConnection[]
  readFallback: 'primary' | 'none'
}

/** Gives whom to ask, in this order: the replicas that are well, each time another one first, then perhaps the primary. */
export function readersOf({ primary, replicas, readFallback }: Readers): () => RedisConnection[] {
  const others = replicas.length === 0 || readFallback === 'primary' ? [primary] : []
  let turn = 0

  return () => {
    const well = replicas.filter(mayBeRead)
    turn = (turn + 1) % Math.max(1, well.length)
    return [...well.slice(turn), ...well.slice(0, turn), ...others.filter(({ isReady }) => isReady)]
  }
}

/**
 * A replica that has not reached its primary since it started would say of most keys that they do not exist, and a server
 * that is no replica, by a mistake in its configuration, of all. One that has lost its primary is merely stale.
 */
export function mayBeRead({ isReady, replication }: RedisConnection): boolean {
  return isReady && replication?.role === 'replica' && replication.everLinked
}
