import { escapeControlsInJson } from '../control-characters.ts'
import { writeBytes, writePlain } from './bytes.ts'
import { writeMicrosAsMillis } from './decimal.ts'

export interface AccessLineKind {
  service: string
  method: string
  /** Redacted. */
  route: string | undefined
  status: number
}

/** What differs between the access lines of one kind of request. */
export interface AccessLineDifferences {
  /** ISO 8601, in UTC, with milliseconds. */
  time: string
  /** Plain text, as the client's address is. */
  path: string
  client: string
  durationMicros: number
  traceId: string
  spanId: string
}

const traceIdKey = Buffer.from(',"trace_id":"')
const spanIdKey = Buffer.from('","span_id":"')
const timeLength = 24
const idsLength = 32 + 16
const mostDigits = 24

/** The access lines of one kind of request but for what differs; byte for byte what pino would write. */
export class AccessLineTemplate {
  readonly #start = Buffer.from('{"level":"info","time":"')
  readonly #afterTime: Buffer
  readonly #afterPath: Buffer
  readonly #afterClient = Buffer.from('","duration_ms":')
  readonly #messageStart: Buffer
  readonly #end: Buffer
  readonly #length: number

  constructor({ service, method, route, status }: AccessLineKind) {
    const routeField = route === undefined ? '' : `,"http.route":${json(route)}`
    this.#afterTime = Buffer.from(
      `","service":${json(service)},"http.request.method":"${method}"${routeField},"url.path":"`,
    )
    this.#afterPath = Buffer.from(`","http.response.status_code":${status},"client.address":"`)
    this.#messageStart = Buffer.from(`","msg":"${method} `)
    this.#end = Buffer.from(` ${status}"}\n`)
    this.#length =
      this.#start.length +
      timeLength +
      this.#afterTime.length +
      this.#afterPath.length +
      this.#afterClient.length +
      mostDigits +
      traceIdKey.length +
      spanIdKey.length +
      idsLength +
      this.#messageStart.length +
      this.#end.length
  }

  /** How many bytes `write` may write. */
  room({ path, client }: AccessLineDifferences): number {
    return this.#length + 2 * path.length + client.length
  }

  /** Returns the offset behind the line; the room must be there. */
  write(buffer: Buffer, offset: number, line: AccessLineDifferences): number {
    let at = writeBytes(buffer, offset, this.#start)
    at = writePlain(buffer, at, line.time)
    at = writeBytes(buffer, at, this.#afterTime)
    at = writePlain(buffer, at, line.path)
    at = writeBytes(buffer, at, this.#afterPath)
    at = writePlain(buffer, at, line.client)
    at = writeBytes(buffer, at, this.#afterClient)
    at = writeMicrosAsMillis(buffer, at, line.durationMicros)
    at = writeBytes(buffer, at, traceIdKey)
    at = writePlain(buffer, at, line.traceId)
    at = writeBytes(buffer, at, spanIdKey)
    at = writePlain(buffer, at, line.spanId)
    at = writeBytes(buffer, at, this.#messageStart)
    at = writePlain(buffer, at, line.path)
    return writeBytes(buffer, at, this.#end)
  }
}

function json(text: string): string {
  return escapeControlsInJson(JSON.stringify(text))
}
