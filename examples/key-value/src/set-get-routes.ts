import { Hono } from 'hono'

import { checked, readJson, refuseMalformedUrl } from './request-input.ts'
import { keyQuerySchema, pairSchema } from './schemas.ts'
import type { Answer } from './schemas.ts'
import type { KeyValueStore } from './store.ts'
import { unknownKey } from './unknown-key.ts'

/** The shape that shows which server answered: `POST /set`, `GET /get`. */
export function setGetRoutes(store: KeyValueStore, podIp: string): Hono {
  const routes = new Hono()

  routes.post('/set', async (c) => {
    const { key, value } = checked(pairSchema, await readJson(c.req))
    const { replication } = await store.writeTold(key, value)
    const answer: Answer = {
      key,
      value,
      redis_replication: replication,
      action: 'SET',
      pod_ip: podIp,
    }
    return c.json(answer)
  })

  routes.get('/get', async (c) => {
    refuseMalformedUrl(c.req)
    const { key } = checked(keyQuerySchema, c.req.query())
    const { reply: value, replication } = await store.readTold(key)
    if (value === null) throw unknownKey(key)
    const answer: Answer = {
      key,
      value: `get ${key}: ${value}`,
      redis_replication: replication,
      action: 'GET',
      pod_ip: podIp,
    }
    return c.json(answer)
  })

  return routes
}
