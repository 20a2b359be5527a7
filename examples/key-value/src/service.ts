import { readFile } from 'node:fs/promises'

import { StartError } from 'plainsight/kernel'
import type { StartService } from 'plainsight/kernel'

import { ConfirmedWrites } from './confirmed-writes.ts'
import { mayBeRead } from './readers.ts'
import { redisAddress } from './redis-address.ts'
import type { RedisAddress } from './redis-address.ts'
import { createRedisClient, readPassword } from './redis-client.ts'
import { RedisConnection } from './redis-connection.ts'
import { createRedisMetrics } from './redis-metrics.ts'
import type { Role } from './redis-metrics.ts'
import { redisStore } from './redis-store.ts'
import { watchReplication } from './replication-watch.ts'
import { keyValueRoutes } from './routes.ts'
import type { settings } from './settings.ts'

export const start: StartService<typeof settings> = async ({
  settings,
  version,
  logger,
  metrics,
  health,
  resources,
}) => {
  const passwordFile = settings.REDIS_PASSWORD_FILE
  const caFile = settings.REDIS_CA_FILE
  const timeoutMillis = settings.REDIS_TIMEOUT_SECONDS * 1000
  const minReplicas = settings.MIN_REPLICAS
  // Read again at each connection; a file that is not there is better told now.
  if (passwordFile !== undefined) {
    await orComplain('REDIS_PASSWORD_FILE', readPassword(passwordFile))
  }
  const ca = caFile && (await orComplain('REDIS_CA_FILE', readFile(caFile, 'utf8')))
  const redisMetrics = createRedisMetrics(metrics)

  function connection(role: Role, address: RedisAddress): RedisConnection {
    return resources.use(
      new RedisConnection({
        role,
        server: address.name,
        timeoutMillis,
        createClient: () => createRedisClient(address, { passwordFile, ca }),
        logger,
        metrics: redisMetrics,
      }),
    )
  }

  const primaryAddress = redisAddress(settings.REDIS_PRIMARY_URL)
  const replicaAddresses = new Map(
    settings.REDIS_REPLICA_URLS.map(redisAddress).map((address) => [address.name, address]),
  )
  // The primary may be named as its own replica: it is asked over the connection that it has.
  replicaAddresses.delete(primaryAddress.name)
  const primary = connection('primary', primaryAddress)
  const replicas = [...replicaAddresses.values()].map((address) => connection('replica', address))
  const confirming = minReplicas > 0 ? connection('confirming', primaryAddress) : undefined
  const all = [primary, ...replicas, ...(confirming ? [confirming] : [])]

  health.addCheck('redis', async () => {
    if (!primary.isReady && !replicas.some(mayBeRead)) throw new Error('no server answers')
  })
  for (const one of all) {
    health.addCheck(`redis-${one.role} ${one.server}`, async () => assertOfUse(one), {
      critical: false,
    })
  }

  // So that the first requests find what there is; what is away is not waited for any longer.
  await Promise.all(all.map((one) => one.start()))
  resources.use(watchReplication(primary, replicas, redisMetrics))

  const store = redisStore({
    primary,
    replicas,
    readFallback: settings.READ_FALLBACK,
    confirmed:
      confirming && new ConfirmedWrites({ connection: confirming, minReplicas, timeoutMillis }),
    timeoutMillis,
  })
  return keyValueRoutes({ store, podIp: settings.POD_IP, version })
}

function assertOfUse(connection: RedisConnection): void {
  if (!connection.isReady) throw new Error(connection.trouble)
  if (connection.role === 'replica' && !mayBeRead(connection)) {
    throw new Error('no replica, or one that has not reached its primary since it started')
  }
}

async function orComplain<result>(variable: string, reading: Promise<result>): Promise<result> {
  try {
    return await reading
  } catch (cause) {
    throw new StartError(`Cannot start: ${variable}: ${(cause as Error).message}`, { cause })
  }
}
