import { Hono } from 'hono'

import { keyRoutes } from './key-routes.ts'
import { openApiDocument } from './openapi.ts'
import { setGetRoutes } from './set-get-routes.ts'
import type { KeyValueStore } from './store.ts'

export interface KeyValueRoutesOptions {
  store: KeyValueStore
  podIp: string
  version: string
}

export function keyValueRoutes({ store, podIp, version }: KeyValueRoutesOptions): Hono {
  const document = openApiDocument(version)
  return new Hono()
    .route('/', setGetRoutes(store, podIp))
    .route('/', keyRoutes(store))
    .get('/openapi.json', (c) => c.json(document))
}
