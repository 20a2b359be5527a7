import { readFile } from 'node:fs/promises'

import { ClientClosedError, ClientOfflineError, createClient, ErrorReply } from 'redis'

import type { RedisAddress } from './redis-address.ts'
import { RedisFailure } from './redis-failure.ts'

/** The part of a Redis client that is used here. */
export interface RedisClient {
  connect(): Promise<unknown>
  /** All commands under way fail; none is sent any more. */
  destroy(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<unknown>
  del(key: string): Promise<number>
  info(section: string): Promise<string>
  wait(replicas: number, millis: number): Promise<number>
}

export interface RedisCredentials {
  /** For servers whose URL has no password; read anew at each connection. */
  passwordFile: string | undefined
  /** PEM; undefined are the certificates that Node trusts. */
  ca: string | undefined
}

// Commands that wait for a reply, on one connection. A deadline ends them all, so this is only met by a flood.
const mostCommands = 2000

/** A client for one connection: once that is lost, `error` tells, and the client is of no use any more. */
export function createRedisClient(
  address: RedisAddress,
  { passwordFile, ca }: RedisCredentials,
): RedisClient {
  const { host, port, tls, database, username, password } = address
  const socket = { host, port, reconnectStrategy: false } as const
  return createClient({
    name: 'key-value',
    database,
    socket: tls ? { ...socket, tls, ...(ca !== undefined && { ca }) } : socket,
    credentialsProvider: {
      type: 'async-credentials-provider',
      credentials: async () => ({
        ...(username !== undefined && { username }),
        password: password ?? (passwordFile && (await readPassword(passwordFile))) ?? '',
      }),
    },
    disableOfflineQueue: true,
    commandsQueueMaxLength: mostCommands,
    // Its own deadline, an AbortSignal for each command, ends once the command is sent. Ours does not.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled',
  })
}

/** Files end in a newline, passwords do not; a space may belong to one. */
export async function readPassword(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
}

export function failureOf(error: unknown): RedisFailure {
  if (error instanceof RedisFailure) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RedisFailure(outcomeOf(error, message), message, { cause: error })
}

/** Only what the library rejects before it sends is sure not to have happened. */
function outcomeOf(error: unknown, message: string): RedisFailure['outcome'] {
  if (error instanceof ErrorReply) return 'refused'
  if (error instanceof ClientOfflineError || error instanceof ClientClosedError) return 'away'
  return message === 'The queue is full' ? 'busy' : 'broke'
}
