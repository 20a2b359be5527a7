import type { Peer } from '../client-address.ts'
import { logRecordTags, spanTags } from '../otlp/encoding/fields.ts'
import { encodeAttributes } from '../otlp/encoding/template.ts'
import { connectionAttributes } from '../request-attributes.ts'
import type { RequestFacts } from '../request-facts.ts'

/** What the requests of one connection have in common, encoded: who asks whom, with what. */
export interface ConnectionRun {
  spanAttributes: Buffer
  recordAttributes: Buffer
}

type Key = Pick<RequestFacts, 'host' | 'scheme' | 'client' | 'protocolVersion' | 'userAgent'>

/** The last run of each connection; a client that names itself anew with each request costs no more than that. */
export class ConnectionRuns {
  readonly #runs = new WeakMap<Peer, ConnectionRun & Key>()

  of(facts: RequestFacts): ConnectionRun {
    const known = this.#runs.get(facts.peer)
    if (known !== undefined && isOf(known, facts)) return known
    const run = encodedRun(facts)
    this.#runs.set(facts.peer, run)
    return run
  }
}

function isOf(known: Key, facts: Key): boolean {
  return (
    known.host === facts.host &&
    known.userAgent === facts.userAgent &&
    known.client === facts.client &&
    known.protocolVersion === facts.protocolVersion &&
    known.scheme === facts.scheme
  )
}

function encodedRun(facts: RequestFacts): ConnectionRun & Key {
  const { host, scheme, client, protocolVersion, userAgent } = facts
  return {
    host,
    scheme,
    client,
    protocolVersion,
    userAgent,
    spanAttributes: encodeAttributes(spanTags.attributes, { ...connectionAttributes(facts) }),
    recordAttributes: encodeAttributes(
      logRecordTags.attributes,
      client === undefined ? {} : { 'client.address': client },
    ),
  }
}
