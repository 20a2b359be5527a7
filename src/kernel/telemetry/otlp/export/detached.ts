import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

const nobodys = suppressTracing(ROOT_CONTEXT)

/**
 * Runs work that belongs to no request, although one of them happened to set it off: it leaves no spans, and what
 * outlives it (a connection, a timer) does not keep that request in memory.
 */
export function detached<result>(work: () => result): result {
  return context.with(nobodys, work)
}
