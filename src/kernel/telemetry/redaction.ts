import { inspect } from 'node:util'

import { errorType } from '../errors.ts'

/** What stands where a secret stood. */
export const redacted = '[REDACTED]'

// Found anywhere in a name, after its case and its separators are dropped: `X-Api-Key`, `dbPassword`, `refresh_token`.
const secretParts =
  /authorization|cookie|passw|passphrase|secret|token|credential|apikey|privatekey|accesskey|signature/
// Too short to be looked for inside longer names: `sig` would hit `design`.
const secretNames = new Set(['auth', 'jwt', 'otp', 'pin', 'pwd', 'sig', 'session', 'sessionid'])
const deepestLevel = 32
const mostValues = 10_000

// The keys of a service's own records are few and come again and again; names in queries are whatever a client likes.
const mostRememberedNames = 2000
const longestRememberedName = 64
const known = new Map<string, boolean>()

/** Whether a value under this name must not be written down. One rule for log keys and for query parameters. */
export function isSecretName(name: string): boolean {
  const answer = known.get(name)
  if (answer !== undefined) return answer

  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const isSecret = secretParts.test(plain) || secretNames.has(plain)
  if (name.length <= longestRememberedName && known.size < mostRememberedNames) {
    known.set(name, isSecret)
  }
  return isSecret
}

/**
 * A copy of a log record's object that holds no secrets at any depth and is nothing but plain data: errors, maps and
 * everything with a `toJSON` are turned into what JSON would show of them first, so that nothing hides in them.
 */
export function redactRecord(record: object): Record<string, unknown> {
  try {
    return redactEntries(Object.entries(record), newWalk([record]))
  } catch {
    return { record: '[Unreadable]' }
  }
}

/** The same for a value of any kind. */
export function redactData(value: unknown): unknown {
  return redactValue(value, newWalk([]))
}

/** A text that may hold URLs: the values of secret names in their queries are taken out. */
export function redactText(text: string): string {
  // An error's message may be anything, whatever its type says.
  if (typeof text !== 'string') return inspect(text)
  return redactQueries(redactCredentials(text))
}

/** Something that is to become part of a text: an error as its stack, anything else as a copy without secrets. */
export function printable(value: unknown): unknown {
  return value instanceof Error ? redactText(value.stack ?? value.message) : redactData(value)
}

function redactQueries(text: string): string {
  if (!text.includes('=')) return text
  return text.replaceAll(
    /([?&])([^=&?#\s"'<>]+)=([^&#\s"'<>]+)/g,
    (pair, separator: string, name: string) =>
      isSecretName(decoded(name)) ? `${separator}${name}=${redacted}` : pair,
  )
}

/** The text after the `?`; names stay, values of secret names go. */
export function redactQuery(query: string): string {
  if (!query.includes('=')) return query
  return query
    .split('&')
    .map((pair) => {
      const separator = pair.indexOf('=')
      if (separator < 0 || !isSecretName(decoded(pair.slice(0, separator)))) return pair
      return `${pair.slice(0, separator)}=${redacted}`
    })
    .join('&')
}

/** A whole URL: its query is redacted, and so are a user and a password before the host. */
export function redactUrl(url: string): string {
  const fragment = url.indexOf('#')
  const end = fragment < 0 ? url.length : fragment
  const question = url.slice(0, end).indexOf('?')
  const start = question < 0 ? end : question
  const query = question < 0 ? '' : `?${redactQuery(url.slice(question + 1, end))}`
  return `${withoutUserInfo(url.slice(0, start))}${query}${url.slice(end)}`
}

function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, `$1${redacted}@`)
}

/** `https://user:password@host`, and header lines such as `Authorization: Bearer …`. */
function redactCredentials(text: string): string {
  if (!text.includes(':')) return text
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi, `$1${redacted}@`)
    .replaceAll(
      /\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*:\s*)[^\r\n]+/gi,
      `$1$2${redacted}`,
    )
}

/** Where in a record the copying is. */
interface Walk {
  ancestors: object[]
  /** Shared by the whole record: one that refers to the same objects many times over must not grow without bound. */
  budget: { valuesLeft: number }
}

function newWalk(ancestors: object[]): Walk {
  return { ancestors, budget: { valuesLeft: mostValues } }
}

function redactValue(value: unknown, { ancestors, budget }: Walk): unknown {
  if (typeof value === 'string') return redactText(value)
  // JSON leaves these two out; the Logs SDK throws away the whole attribute that holds one, or a bigint.
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (ancestors.includes(value)) return '[Circular]'
  if (ancestors.length > deepestLevel) return '[Too deep]'
  try {
    return redactObject(value, { ancestors: [...ancestors, value], budget })
  } catch {
    // A getter or a toJSON that throws must not take the request down with the log line.
    return '[Unreadable]'
  }
}

function redactObject(value: object, walk: Walk): unknown {
  if (value instanceof Error) return redactEntries(errorEntries(value), walk)
  if (value instanceof URL) return redactUrl(value.href)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Map) {
    return redactEntries(
      [...value].map(([key, item]) => [String(key), item]),
      walk,
    )
  }
  if (value instanceof Set) return redactItems([...value], walk)
  if (Array.isArray(value)) return redactItems(value, walk)
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return redactValue(value.toJSON(), walk)
  }
  return redactEntries(Object.entries(value), walk)
}

function redactItems(items: unknown[], walk: Walk): unknown {
  if (!spend(items.length, walk)) return '[Too large]'
  return items.map((item, index) => {
    // Pairs in a row, as in `rawHeaders`: a name and then its value.
    const name = items[index - 1]
    return typeof name === 'string' && isSecretName(name) ? redacted : redactValue(item, walk)
  })
}

function redactEntries(entries: [string, unknown][], walk: Walk): Record<string, unknown> {
  if (!spend(entries.length, walk)) return { '[Too large]': entries.length }
  const copy: Record<string, unknown> = {}
  for (const [key, value] of entries) {
    const safe = isSecretName(key) ? redacted : redactValue(value, walk)
    if (key === '__proto__') defineOwn(copy, key, safe)
    else copy[key] = safe
  }
  return copy
}

/** Assigned, `__proto__` would become the prototype and no key. */
function defineOwn(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

function spend(values: number, { budget }: Walk): boolean {
  if (values > budget.valuesLeft) return false
  budget.valuesLeft -= values
  return true
}

/** The names that pino's own serializer gives an error's parts, so that readers and tools find what they expect. */
function errorEntries(error: Error): [string, unknown][] {
  return [
    ['type', errorType(error)],
    ['message', error.message],
    ['stack', error.stack],
    ...Object.entries(error).filter(([key]) => key !== 'name'),
    ...(error.cause === undefined ? [] : [['cause', error.cause] satisfies [string, unknown]]),
    ...(error instanceof AggregateError
      ? [['errors', error.errors] satisfies [string, unknown]]
      : []),
  ]
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
