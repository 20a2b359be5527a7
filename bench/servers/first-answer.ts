import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MILLIS = 1

/** When, by `performance.now()`, `GET /healthz` was first answered with 200. Refused connections leave no trace in a server. */
export async function firstAnswer(port: number, signal: AbortSignal): Promise<number> {
  while (!(await isAnswered(port))) await sleep(POLL_MILLIS, undefined, { signal })
  return performance.now()
}

/** A bare socket: the first `fetch` of a process takes longer than a server takes to start. */
function isAnswered(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
    })
    socket.setEncoding('latin1')
    socket.once('data', (text: string) => {
      settle(text.startsWith('HTTP/1.1 200'))
      socket.destroy()
    })
    socket.once('error', () => settle(false))
    socket.once('close', () => settle(false))
  })
}
