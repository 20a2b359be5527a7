import { createHash, timingSafeEqual } from 'node:crypto'

import { Hono } from 'hono'
import { ServiceError } from 'plainsight/kernel'

import type { DatabasePassword } from './database-password.ts'

/** What the database that does not exist would let in. Part of the demonstration, and no secret. */
const demonstrationPassword = 'pass123'

/** `/connect_db` says whether the password that the service was given is the right one. No database is asked. */
export function databaseRoutes(password: DatabasePassword): Hono {
  const routes = new Hono()

  routes.get('/connect_db', async (c) => {
    const given = await readOrFail(password)
    if (given === undefined) {
      throw unavailable('No database password is configured: set DB_PASS or DB_PASS_FILE.')
    }
    if (!isEqual(given, demonstrationPassword)) {
      throw new ServiceError(
        'unauthenticated',
        'wrong-database-password',
        'The database refused the password that is configured.',
        // A 401 must name a scheme. This one is nobody's: no header that a caller sends would help.
        { headers: { 'www-authenticate': 'ConfiguredPassword realm="database"' } },
      )
    }
    return c.text('Hello, You are connected database successfully!', 200, {
      'content-type': 'text/plain; charset=utf-8',
    })
  })

  return routes
}

async function readOrFail(password: DatabasePassword): Promise<string | undefined> {
  try {
    return await password.read()
  } catch (cause) {
    throw unavailable('The file of the database password cannot be read.', cause)
  }
}

function unavailable(detail: string, cause?: unknown): ServiceError {
  return new ServiceError('unavailable', 'no-database-password', detail, { cause })
}

/** Takes as long for a password that is nearly right as for any other, whatever its length. */
function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
