import { ServerResponse } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'

import type { OpenRecord } from '../telemetry/request-recorder.ts'
import { forgetLatest } from './latest-answer.ts'

// Private to Node, and there since its first versions: the one place where all answers' heads are written, whichever way
// they were begun. traced-response.test.ts fails when Node changes.
const storeHeader = '_storeHeader'
type Head = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined
interface HeadWriter {
  [storeHeader](statusLine: string, headers: Head): void
}

const traceHeader = 'x-trace-id'
const traceFieldStart = `${traceHeader}: `

/**
 * An answer that names its trace. The field follows the status line: given to Node with the others it would cost more than
 * to encode the request's span, since Node looks at each letter of its name and value, which we know.
 */
export class TracedResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  /** The request's; undefined where it leaves none. */
  // Declared only: for a field that begins as undefined, or a private method, there would be a constructor to run.
  declare record: OpenRecord | undefined;

  [storeHeader](statusLine: string, headers: Head): void {
    const traceId = this.record?.traceId
    const isAdded = traceId !== undefined && !namesTrace(headers)
    const start = isAdded ? `${statusLine}${traceFieldStart}${traceId}\r\n` : statusLine
    nodesOwn[storeHeader].call(this, start, headers)
  }

  // A listener for each answer would cost more than all of these calls. Node says `close` exactly once, whether the answer
  // left, broke off or nobody waited for it.
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'close') {
      this.record?.close()
      forgetLatest(this.req.socket, this)
    }
    return super.emit(event, ...values)
  }
}

const nodesOwn = ServerResponse.prototype as unknown as HeadWriter

/** Who writes one of its own, in whatever letters, has a reason to. */
function namesTrace(headers: Head): boolean {
  if (Array.isArray(headers)) return headers.flat().some(isTraceHeader)
  for (const name in headers) {
    if (isTraceHeader(name)) return true
  }
  return false
}

function isTraceHeader(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    text.length === traceHeader.length &&
    text.toLowerCase() === traceHeader
  )
}
