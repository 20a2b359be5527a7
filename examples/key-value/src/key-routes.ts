import { Hono } from 'hono'
import type { HonoRequest } from 'hono'

import { checked, readText, refuseMalformedUrl } from './request-input.ts'
import { keyQuerySchema } from './schemas.ts'
import type { KeyValueStore } from './store.ts'
import { unknownKey } from './unknown-key.ts'

// What users store is theirs: no browser is to take it for a page.
const plainText = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
}

/** A key is an address: `PUT`, `GET` and `DELETE /keys/{key}`. */
export function keyRoutes(store: KeyValueStore): Hono {
  const routes = new Hono()

  // One status whether it was there or not: to know would cost reading the old value.
  routes.put('/keys/:key', async (c) => {
    const key = keyOf(c.req, c.req.param('key'))
    await store.write(key, await readText(c.req))
    return c.body(null, 204)
  })

  routes.get('/keys/:key', async (c) => {
    const key = keyOf(c.req, c.req.param('key'))
    const value = await store.read(key)
    if (value === null) throw unknownKey(key)
    return c.text(value, 200, plainText)
  })

  routes.delete('/keys/:key', async (c) => {
    const key = keyOf(c.req, c.req.param('key'))
    if (!(await store.remove(key))) throw unknownKey(key)
    return c.body(null, 204)
  })

  return routes
}

function keyOf(request: HonoRequest, key: string): string {
  refuseMalformedUrl(request)
  return checked(keyQuerySchema, { key }).key
}
