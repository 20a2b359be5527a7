/** What matters here of the section `Replication` of Redis' INFO. */
export interface Replication {
  role: 'primary' | 'replica'
  /** Bytes of the stream of writes that this server has written (a primary) or taken over (a replica). */
  offset: number
  /** A primary's: how many replicas are connected to it. */
  replicas: number
  /** A replica's: whether it is connected to its primary. */
  linkUp: boolean
  /** Whether it has ever been since it started. Until then it holds nothing, or what an old file held. */
  everLinked: boolean
}

export function parseReplication(info: string): Replication {
  const fields = new Map(
    info.split('\r\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1)] as const
    }),
  )
  const isReplica = fields.get('role') === 'slave'
  const linkUp = fields.get('master_link_status') === 'up'
  return {
    role: isReplica ? 'replica' : 'primary',
    offset: Number(fields.get(isReplica ? 'slave_repl_offset' : 'master_repl_offset') ?? 0),
    replicas: Number(fields.get('connected_slaves') ?? 0),
    linkUp,
    everLinked: linkUp || Number(fields.get('master_link_down_since_seconds') ?? -1) >= 0,
  }
}
