// As many as @hono/node-server reads ahead to learn the length of a GET's body. A body that always has its next chunk
// ready would otherwise keep the event loop for ever.
const mostReads = 3

/**
 * Answers HEAD as GET would be, without the body. Hono's own way throws the body away without cancelling it, so that a
 * streaming handler would write for ever, and loses its length.
 */
export async function answerHead(
  request: Request,
  get: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const response = await get(new Request(request, { method: 'GET' }))
  // Before `body`: touching that makes @hono/node-server's light response a real one, with another default type.
  const headers = new Headers(response.headers)
  if (response.body === null) return response

  const length = await lengthAtHand(response.body.getReader())
  const isFramed = headers.has('content-length') || headers.has('transfer-encoding')
  if (length !== undefined && !isFramed) {
    headers.set('content-length', String(length))
  }
  return new Response(null, { status: response.status, headers })
}

/** Counts the bytes that are there already; a body that is not at its end by then has no known length and is cancelled. */
async function lengthAtHand(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<number | undefined> {
  let length = 0
  for (let reads = 0; reads < mostReads; reads += 1) {
    const chunk = await Promise.race([reader.read(), nextTurn()])
    if (chunk === undefined) break
    if (chunk.done) return length
    length += chunk.value.byteLength
  }
  reader.cancel().catch(() => {})
  return undefined
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined))
}
