import type { IncomingHttpHeaders } from 'node:http'

import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { Context, Link } from '@opentelemetry/api'

export interface CallersContext {
  parent: Context
  links: Link[]
}

// Of those one knows that they read nothing else: b3's also reads headers that it does not name.
const shortcutFields = new Set(['traceparent', 'tracestate', 'baggage'])
const nobody: CallersContext = { parent: ROOT_CONTEXT, links: [] }

/**
 * Reads who called: `continue` the caller's trace, or begin a new one that is linked to it. To be made when the SDK has
 * started, since the propagator says which headers it reads.
 */
export function callersContextReader(
  incomingTraceContext: 'continue' | 'link',
): (headers: IncomingHttpHeaders) => CallersContext {
  const fields = propagation.fields()
  const hasShortcut = fields.every((field) => shortcutFields.has(field))
  return function callersContext(headers) {
    if (hasShortcut && isAnonymous(headers)) return nobody
    const remote = propagation.extract(ROOT_CONTEXT, headers)
    if (incomingTraceContext === 'continue') return { parent: remote, links: [] }
    // At the edge neither the caller's sampling decision nor its baggage is believed.
    const caller = trace.getSpanContext(remote)
    return { parent: ROOT_CONTEXT, links: caller ? [{ context: caller }] : [] }
  }
}

function isAnonymous({ traceparent, tracestate, baggage }: IncomingHttpHeaders): boolean {
  return traceparent === undefined && tracestate === undefined && baggage === undefined
}
