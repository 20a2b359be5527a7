import { setTimeout as sleep } from 'node:timers/promises'

import { Hono } from 'hono'
import { ServiceError } from 'plainsight/kernel'
import type { RequestBindings } from 'plainsight/kernel'

import type { RouteTable } from './route-table.ts'

// Hono writes the charset in capitals; the contract does not.
const plainText = { 'content-type': 'text/plain; charset=utf-8' }

/**
 * Answers what the table of this moment says. Patterns are not given to Hono, to which `:`, `*` and `{` mean something,
 * and which takes no route after its first match.
 */
export function configuredRoutes(table: () => RouteTable): Hono<{ Bindings: RequestBindings }> {
  const routes = new Hono<{ Bindings: RequestBindings }>()

  routes.all('*', async (c) => {
    // Until a configured route is found, none has answered.
    c.env.record?.setRoute(undefined)
    const { pathname, search } = new URL(c.req.url)
    const found = table().find(decoded(pathname))
    if (!found) return c.notFound()
    if (c.req.method !== 'GET') throw wrongMethod(pathname, c.req.method)

    const { route, redirectTo } = found
    c.env.record?.setRoute(route.pattern)
    if (redirectTo !== undefined) return c.redirect(`${encoded(redirectTo)}${search}`, 301)

    const { pattern, response, durationSeconds } = route
    if (durationSeconds > 0) await pause(durationSeconds, c.req.raw.signal)
    return c.text(`Hello, You are at ${pattern}, Got: ${response}`, 200, plainText)
  })

  return routes
}

/** Ends early when the caller leaves: who has left is not waited for. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => {})
}

function wrongMethod(path: string, method: string): ServiceError {
  return new ServiceError(
    'method-not-allowed',
    'method-not-allowed',
    `${path} does not answer ${method}.`,
    { headers: { allow: 'GET, HEAD' } },
  )
}

/** Other characters than a path may hold come encoded. What is no encoding stands for itself. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
