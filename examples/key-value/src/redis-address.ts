/** Where a Redis server is, and who we are there. */
export interface RedisAddress {
  /** What logs and metrics call the server: `host:port`, never a password. */
  name: string
  host: string
  port: number
  tls: boolean
  database: number
  username?: string
  password?: string
}

/** `url` is one that the settings have let through. */
export function redisAddress(url: string): RedisAddress {
  const { hostname, port, protocol, username, password, pathname } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    name: `${hostname}:${port || 6379}`,
    host,
    port: Number(port || 6379),
    tls: protocol === 'rediss:',
    database: Number(pathname.slice(1)),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  }
}
