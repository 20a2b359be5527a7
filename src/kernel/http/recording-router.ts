import type { Context } from 'hono'
import { METHOD_NAME_ALL } from 'hono/router'
import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { H, Next, RouterRoute } from 'hono/types'

import type { KernelEnv } from './routes.ts'

type Entry = [H, RouterRoute]

/**
 * Hono's own router, except that each handler tells the request's record when it runs: a match alone does not say
 * which of several matching handlers answered. A middleware could, but costs every request Hono's fast path.
 */
export class RecordingRouter implements Router<Entry> {
  readonly name = 'RecordingRouter'
  readonly #router = new SmartRouter<Entry>({ routers: [new RegExpRouter(), new TrieRouter()] })
  readonly #methods = new Set<string>()

  add(method: string, path: string, [handler, route]: Entry): void {
    if (method !== METHOD_NAME_ALL) this.#methods.add(method)
    this.#router.add(method, path, [recorded(handler, route.path), route])
  }

  match(method: string, path: string): Result<Entry> {
    return this.#router.match(method, path)
  }

  /** The methods that some route of this path answers, for `Allow`. What is added for all methods does not count. */
  methodsOf(path: string): string[] {
    const methods = [...this.#methods].filter((method) =>
      this.match(method, path)[0].some(([[, route]]) => route.method === method),
    )
    if (methods.includes('GET')) methods.push('HEAD')
    return [...new Set(methods)].toSorted()
  }
}

function recorded(handler: H, pattern: string): H {
  return function recordedHandler(c: Context<KernelEnv>, next: Next) {
    // Undefined under a handler's own `app.request()`, which is no request of its own.
    const record = c.env?.record
    if (!record) return handler(c, next)

    record.setRoute(pattern)
    return handler(c, () => {
      record.setRoute(undefined)
      return next()
    })
  }
}
