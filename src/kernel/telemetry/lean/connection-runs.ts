import type { Peer } from '../client-address.ts'
import { logRecordTags, spanTags } from '../otlp/encoding/fields.ts'
import { encodeAttributes } from '../otlp/encoding/template.ts'
import { connectionAttributes } from '../request-attributes.ts'
import type { RequestFacts } from '../request-facts.ts'
import { Part } from './part.ts'

/** What the requests of one connection have in common, encoded: who asks whom, with what. */
export interface ConnectionRun {
  /** As it stands in the access line; undefined where it has to be escaped, or nobody knows it. */
  client: Part | undefined
  spanAttributes: Part
  recordAttributes: Part
}

type Known = Pick<RequestFacts, 'host' | 'scheme' | 'client' | 'protocolVersion' | 'userAgent'>

/** The last run of each connection; a client that names itself anew with each request costs no more than that. */
export class ConnectionRuns {
  readonly #runs = new WeakMap<Peer, { known: Known; run: ConnectionRun }>()

  of(facts: RequestFacts): ConnectionRun {
    const latest = this.#runs.get(facts.peer)
    if (latest !== undefined && isOf(latest.known, facts)) return latest.run
    const run = encodedRun(facts)
    const { host, scheme, client, protocolVersion, userAgent } = facts
    this.#runs.set(facts.peer, { known: { host, scheme, client, protocolVersion, userAgent }, run })
    return run
  }
}

function isOf(known: Known, facts: Known): boolean {
  return (
    known.host === facts.host &&
    known.userAgent === facts.userAgent &&
    known.client === facts.client &&
    known.protocolVersion === facts.protocolVersion &&
    known.scheme === facts.scheme
  )
}

/** An address of IPv6 may name its zone, which is free text. */
export function isPlainClient(client: string | undefined): client is string {
  return client !== undefined && !client.includes('%')
}

function encodedRun(facts: RequestFacts): ConnectionRun {
  const { client } = facts
  return {
    client: isPlainClient(client) ? new Part(client) : undefined,
    spanAttributes: new Part(
      encodeAttributes(spanTags.attributes, { ...connectionAttributes(facts) }),
    ),
    recordAttributes: new Part(
      encodeAttributes(
        logRecordTags.attributes,
        client === undefined ? {} : { 'client.address': client },
      ),
    ),
  }
}
