import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a look at the file found: its text, or why there is none. */
export type Look = { text: string; hash: string } | { unreadable: string }

// Thousands of routes. Reading more would hold up requests for longer than a tenth of a second.
const mostBytes = 262_144

/** The failures of reading are a result, too: a file that is gone is something to tell, not to crash over. */
export async function lookAt(path: string): Promise<Look> {
  try {
    const found = await stat(path)
    // Reading a named pipe would wait for ever.
    if (!found.isFile()) return { unreadable: `${path}: this is no file` }
    if (found.size > mostBytes) return { unreadable: `${path}: more than ${mostBytes} bytes` }

    const bytes = await readFile(path)
    if (!isUtf8(bytes)) return { unreadable: `${path}:${lineOfBadByte(bytes)}: this is no UTF-8` }
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
    return { text: bytes.toString('utf8'), hash }
  } catch (error) {
    return { unreadable: `${path}: ${reasonOf(error as NodeJS.ErrnoException)}` }
  }
}

/**
 * Calls back when the file is another one than at `first`: once for every change, when two looks in a row have seen
 * the same, so that a half written file is not taken for a whole one. Stops, and is done, when it is disposed.
 *
 * It looks instead of being told: a notification misses the swap of a symlink further up (how Kubernetes changes a
 * ConfigMap), a rename onto the file, and mounted folders of other machines. Reading some kilobytes a second costs nothing.
 */
export function watchFile(
  path: string,
  { everySeconds, first }: { everySeconds: number; first: Look },
  onChange: (look: Look) => void,
): AsyncDisposable {
  const stop = new AbortController()

  async function watch(): Promise<void> {
    let told = keyOf(first)
    let before = told
    for (;;) {
      await sleep(everySeconds * 1000, undefined, { signal: stop.signal })
      const look = await lookAt(path)
      const now = keyOf(look)
      if (now === before && now !== told) {
        told = now
        onChange(look)
      }
      before = now
    }
  }

  const watched = watch().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watched
    },
  }
}

function keyOf(look: Look): string {
  return 'hash' in look ? look.hash : look.unreadable
}

function lineOfBadByte(bytes: Buffer): number {
  const [before = ''] = bytes.toString('utf8').split('\uFFFD', 1)
  return before.split('\n').length
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
      return 'this user may not read the file'
    default:
      return message
  }
}
