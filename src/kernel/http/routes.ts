import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Env } from 'hono/types'

import type { RequestRecord } from '../telemetry/request-recorder.ts'

/** What `c.env` holds: Node's own request and answer, and the record of this request. */
export interface RequestBindings extends HttpBindings {
  record?: RequestRecord
}

// Any Hono app will do, whatever its own variables and routes are typed as.
// oxlint-disable-next-line no-explicit-any
export type Routes = Hono<any, any, any>

/** The routes of a service, or a function that gives the current ones: Hono takes no route after its first match. */
export type RoutesSource = Routes | (() => Routes)

export interface KernelEnv extends Env {
  Bindings: RequestBindings
}
