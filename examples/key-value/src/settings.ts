import { oneOf, seconds, splitList, wholeNumber } from 'plainsight/kernel/environment-values'
import { z } from 'zod'

/** What this service reads from the environment beside the kernel's settings. Import no vendor here. */
export const settings = z.object({
  REDIS_PRIMARY_URL: redisUrl().default('redis://localhost:6379'),
  /** Separated by commas. Unset: the primary answers reads, too. */
  REDIS_REPLICA_URLS: redisUrls().default([]),
  /** A file with the password of all servers whose URL has none. Read anew at each connection. */
  REDIS_PASSWORD_FILE: z.string().optional(),
  /** A file with the certificates, PEM, that `rediss://` servers are trusted by. Unset: those of Node. */
  REDIS_CA_FILE: z.string().optional(),
  /** How long one answer of Redis may take. */
  REDIS_TIMEOUT_SECONDS: seconds('above 0').default(1),
  /** Who answers a read that no replica answers. */
  READ_FALLBACK: oneOf(['primary', 'none']).default('primary'),
  /** A write is confirmed once so many replicas have it, besides the primary. */
  MIN_REPLICAS: wholeNumber(0).default(0),
  /** The address of this pod, which `/set` and `/get` tell. */
  POD_IP: z.string().default(''),
})

function redisUrls() {
  return z.string().transform(splitList).pipe(z.array(redisUrl()).min(1))
}

/** What was given is not repeated in the complaint: it may hold a password. */
function redisUrl() {
  return z
    .string()
    .refine(isRedisUrl, 'expected a URL such as redis://user:password@host:6379/0 (or rediss://)')
}

function isRedisUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    /^rediss?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    isEncoded(url.username) &&
    isEncoded(url.password) &&
    /^(\/\d*)?$/.test(url.pathname)
  )
}

/** A `%` that stands for itself is written `%25`. */
function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    return false
  }
}
