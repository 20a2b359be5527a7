import type { IncomingMessage } from 'node:http'

import { ServiceError } from '../errors.ts'

/**
 * The request, if its body may be read. A declared length is refused before anything is read; a body of unknown length
 * is counted while it is read, and reading it fails once it is too long.
 * @throws ServiceError `body-too-large`
 */
export function limitBody(
  request: Request,
  incoming: IncomingMessage,
  maxBodyBytes: number,
): Request {
  const declared = incoming.headers['content-length']
  if (declared !== undefined) {
    if (Number(declared) > maxBodyBytes) throw tooLarge(maxBodyBytes)
    return request
  }
  if (incoming.headers['transfer-encoding'] === undefined || request.body === null) return request

  let bytes = 0
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (bytes > maxBodyBytes) controller.error(tooLarge(maxBodyBytes))
        else controller.enqueue(chunk)
      },
    }),
  )
  // A GET has no body and was returned above.
  // oxlint-disable-next-line no-invalid-fetch-options
  return new Request(request, { body: counted, duplex: 'half' })
}

function tooLarge(maxBodyBytes: number): ServiceError {
  return new ServiceError(
    'too-large',
    'body-too-large',
    `The body may have ${maxBodyBytes} bytes at most.`,
    { headers: { connection: 'close' } },
  )
}
