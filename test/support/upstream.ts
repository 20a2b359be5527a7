import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that the service calls, and that remembers how. */
export async function startUpstream() {
  const headers: IncomingHttpHeaders[] = []
  const paths: (string | undefined)[] = []
  const server = createServer((request, response) => {
    headers.push(request.headers)
    paths.push(request.url)
    response.end('from upstream')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    headers,
    paths,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
