import type { Metrics } from 'plainsight/kernel'

import type { RedisOutcome } from './redis-failure.ts'

/** `confirming` is a connection to the primary that waits for its replicas. */
export type Role = 'primary' | 'confirming' | 'replica'

export interface RedisMetrics {
  /** `begun` is of performance.now(). */
  commandEnded(role: Role, command: string, outcome: 'ok' | RedisOutcome, begun: number): void
  connectionUp(connection: { role: Role; server: string }, isUp: boolean): void
  connectedReplicas(count: number | undefined): void
  /** `undefined` is what nobody knows just now. */
  replica(server: string, state: { linkUp?: boolean; lagBytes?: number }): void
}

export function createRedisMetrics(metrics: Metrics): RedisMetrics {
  const durations = metrics.histogram({
    name: 'redis_command_duration_seconds',
    help: 'Time from a command to its reply, or to its failure.',
    labelNames: ['command', 'role', 'outcome'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  })
  const connections = metrics.gauge({
    name: 'redis_connection_up',
    help: 'Whether there is a connection to the server.',
    labelNames: ['role', 'server'],
  })
  const connected = metrics.gauge({
    name: 'redis_connected_replicas',
    help: 'Replicas that the primary says are connected to it.',
    labelNames: [],
  })
  const links = metrics.gauge({
    name: 'redis_replica_link_up',
    help: 'Whether the replica says that it is connected to its primary.',
    labelNames: ['replica'],
  })
  const lags = metrics.gauge({
    name: 'redis_replica_lag_bytes',
    help: "Bytes of the primary's stream of writes that the replica has not taken over.",
    labelNames: ['replica'],
  })
  // There from the start at 0, which no one has said.
  connected.remove()

  return {
    commandEnded: (role, command, outcome, begun) =>
      durations.observe({ command, role, outcome }, (performance.now() - begun) / 1000),
    connectionUp: ({ role, server }, isUp) => connections.set({ role, server }, isUp ? 1 : 0),
    connectedReplicas(count) {
      if (count === undefined) connected.remove()
      else connected.set(count)
    },
    replica(replica, { linkUp, lagBytes }) {
      if (linkUp === undefined) links.remove({ replica })
      else links.set({ replica }, linkUp ? 1 : 0)
      if (lagBytes === undefined) lags.remove({ replica })
      else lags.set({ replica }, lagBytes)
    },
  }
}
