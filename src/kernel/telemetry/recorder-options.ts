import type { BlockList } from 'node:net'

import type { Logger } from './logger.ts'
import type { RequestMetrics } from './request-metrics.ts'

/** What every request recorder needs, whichever it is. */
export interface RecorderOptions {
  logger: Logger
  metrics: RequestMetrics
  trustedProxies: BlockList | undefined
  /** `continue` the caller's trace, or begin a new one that is linked to it. */
  incomingTraceContext: 'continue' | 'link'
}
