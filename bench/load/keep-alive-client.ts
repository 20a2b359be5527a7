import { Agent, get } from 'node:http'

/** So many requests over a few connections that stay open, as fast as this process can; gives how many were answered with 200. */
export async function runKeepAliveClient(
  url: string,
  requests: number,
  connections = 32,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let sent = 0
  let answered = 0
  async function connection(): Promise<void> {
    while (sent < requests) {
      sent += 1
      if ((await statusOf(url, agent)) === 200) answered += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  agent.destroy()
  return answered
}

function statusOf(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((settle, reject) => {
    get(url, { agent }, (response) => {
      response.resume()
      response.once('end', () => settle(response.statusCode))
    }).once('error', reject)
  })
}
