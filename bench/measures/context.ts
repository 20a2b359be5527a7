import type { Receiver, ReceiverKind } from '../receivers/receiver.ts'
import type { Counts } from '../servers/counts.ts'
import type { Upstream } from '../upstream/start-upstream.ts'

/** What all measures of one run share. */
export interface Context {
  upstream: Upstream
  /** Started when first asked for; one for each whose telemetry is to be counted apart. */
  receiver(kind: ReceiverKind, owner?: string): Promise<Receiver>
  /** By variant: what its start and stop leave by themselves. */
  baselines: Map<string, Counts>
  /** Below this share of its core a turn at full speed says nothing about the server. */
  leastBusy: number
}
