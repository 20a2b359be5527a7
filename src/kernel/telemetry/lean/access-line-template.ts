import type { ByteSink } from '../byte-sink.ts'
import { escapeControlsInJson } from '../control-characters.ts'
import { isoTime } from '../iso-time.ts'
import { writeMicrosAsMillis } from './decimal.ts'
import type { EndedRequest } from './ended-request.ts'
import { lengthOf, Part, partSlack, writeParts } from './part.ts'
import { mostBytesOf } from './text-part.ts'
import type { TextPart } from './text-part.ts'

export interface AccessLineKind {
  service: string
  method: string
  /** Redacted. */
  route: string | undefined
  status: number
}

const headStart = '{"level":"info","time":"'
const timeLength = 24
const mostDigits = 24
const traceIdKey = ',"trace_id":"'
const spanIdKey = '","span_id":"'
const traceDigits = 32
const spanDigits = 16
const traceDigitsAt = traceIdKey.length
const spanDigitsAt = traceDigitsAt + traceDigits + spanIdKey.length
const clientIndex = 3
const noClient = new Part('')

/** The access lines of one kind of request but for what differs; byte for byte what pino would write. */
export class AccessLineTemplate {
  /** Up to the path, with the time in it: many requests share a millisecond. */
  readonly #head: Part
  #headMillis = -1
  readonly #path: TextPart
  readonly #duration = new Part(' '.repeat(mostDigits))
  readonly #ids: Part
  /** In their order, the client's place kept: the head, the path, what follows. */
  readonly #parts: Part[]
  /** The most that it writes besides path and client. */
  readonly #ownBytes: number

  constructor({ service, method, route, status }: AccessLineKind, path: TextPart) {
    const routeField = route === undefined ? '' : `,"http.route":${json(route)}`
    this.#head = new Part(
      `${headStart}${' '.repeat(timeLength)}","service":${json(service)},"http.request.method":"${method}"${routeField},"url.path":"`,
    )
    this.#path = path
    this.#ids = new Part(
      `${traceIdKey}${' '.repeat(traceDigits)}${spanIdKey}${' '.repeat(spanDigits)}","msg":"${method} `,
    )
    this.#parts = [
      this.#head,
      path,
      new Part(`","http.response.status_code":${status},"client.address":"`),
      noClient,
      new Part('","duration_ms":'),
      this.#duration,
      this.#ids,
      path,
      new Part(` ${status}"}\n`),
    ]
    this.#ownBytes = lengthOf(this.#parts)
  }

  /** Path and client must be plain text. Nothing is written where there is no room, which the sink counts. */
  writeTo(sink: ByteSink, request: EndedRequest): void {
    const { facts, connection } = request
    const room =
      this.#ownBytes + 2 * mostBytesOf(facts.path) + (connection.client?.length ?? 0) + partSlack
    const buffer = sink.reserve(room)
    if (buffer === undefined) return
    this.#fillIn(request)
    sink.commit(writeParts(buffer, sink.view, sink.position, this.#parts))
  }

  /** Not before the room is there: what makes room may log, and with that write what waits. */
  #fillIn({ ids, facts, timeMillis, durationMicros, connection }: EndedRequest): void {
    if (timeMillis !== this.#headMillis) this.#setTime(timeMillis)
    this.#path.set(facts.path)
    this.#parts[clientIndex] = connection.client ?? noClient
    this.#duration.length = writeMicrosAsMillis(this.#duration.bytes, 0, durationMicros)
    ids.writeDigits(this.#ids.view, traceDigitsAt, spanDigitsAt)
  }

  #setTime(timeMillis: number): void {
    this.#headMillis = timeMillis
    this.#head.bytes.write(isoTime(timeMillis), headStart.length, 'latin1')
  }
}

function json(text: string): string {
  return escapeControlsInJson(JSON.stringify(text))
}
