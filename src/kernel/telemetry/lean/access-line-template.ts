import { escapeControlsInJson } from '../control-characters.ts'
import { isoTime } from '../iso-time.ts'
import { writeBytes, writePlain } from './bytes.ts'
import { writeMicrosAsMillis } from './decimal.ts'
import type { EndedRequest } from './ended-request.ts'

export interface AccessLineKind {
  service: string
  method: string
  /** Redacted. */
  route: string | undefined
  status: number
}

const headStart = '{"level":"info","time":"'
const afterClient = Buffer.from('","duration_ms":')
const traceIdKey = Buffer.from(',"trace_id":"')
const spanIdKey = Buffer.from('","span_id":"')
const timeLength = 24
const idsLength = 32 + 16
const mostDigits = 24

/** The access lines of one kind of request but for what differs; byte for byte what pino would write. */
export class AccessLineTemplate {
  /** Up to the path, with the time in it: many requests share a millisecond. */
  readonly #head: Buffer
  #headMillis = -1
  readonly #afterPath: Buffer
  readonly #messageStart: Buffer
  readonly #end: Buffer
  readonly #length: number

  constructor({ service, method, route, status }: AccessLineKind) {
    const routeField = route === undefined ? '' : `,"http.route":${json(route)}`
    this.#head = Buffer.from(
      `${headStart}${' '.repeat(timeLength)}","service":${json(service)},"http.request.method":"${method}"${routeField},"url.path":"`,
    )
    this.#afterPath = Buffer.from(`","http.response.status_code":${status},"client.address":"`)
    this.#messageStart = Buffer.from(`","msg":"${method} `)
    this.#end = Buffer.from(` ${status}"}\n`)
    this.#length =
      this.#head.length +
      this.#afterPath.length +
      afterClient.length +
      mostDigits +
      traceIdKey.length +
      spanIdKey.length +
      idsLength +
      this.#messageStart.length +
      this.#end.length
  }

  /** How many bytes `write` may write. */
  room({ facts: { path, client = '' } }: EndedRequest): number {
    return this.#length + 2 * path.length + client.length
  }

  /** Path and client must be plain text. Returns the offset behind the line; the room must be there. */
  write(buffer: Buffer, offset: number, request: EndedRequest): number {
    const { ids, facts, timeMillis } = request
    const { path, client = '' } = facts
    if (timeMillis !== this.#headMillis) this.#writeTime(timeMillis)
    let at = writeBytes(buffer, offset, this.#head)
    at = writePlain(buffer, at, path)
    at = writeBytes(buffer, at, this.#afterPath)
    at = writePlain(buffer, at, client)
    at = writeBytes(buffer, at, afterClient)
    at = writeMicrosAsMillis(buffer, at, request.durationMicros)
    at = writeBytes(buffer, at, traceIdKey)
    at = writePlain(buffer, at, ids.traceId)
    at = writeBytes(buffer, at, spanIdKey)
    at = writePlain(buffer, at, ids.spanId)
    at = writeBytes(buffer, at, this.#messageStart)
    at = writePlain(buffer, at, path)
    return writeBytes(buffer, at, this.#end)
  }

  #writeTime(timeMillis: number): void {
    this.#headMillis = timeMillis
    this.#head.write(isoTime(timeMillis), headStart.length, 'latin1')
  }
}

function json(text: string): string {
  return escapeControlsInJson(JSON.stringify(text))
}
