import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { redisAddress } from './redis-address.ts'

describe('redisAddress', () => {
  it('has the port and database of Redis unless told', () => {
    assert.deepEqual(redisAddress('redis://localhost'), {
      name: 'localhost:6379',
      host: 'localhost',
      port: 6379,
      tls: false,
      database: 0,
    })
  })

  it('takes a URL apart, and has a name without secrets', () => {
    assert.deepEqual(redisAddress('rediss://us%40er:p%3Ass@redis.example:6380/2'), {
      name: 'redis.example:6380',
      host: 'redis.example',
      port: 6380,
      tls: true,
      database: 2,
      username: 'us@er',
      password: 'p:ss',
    })
  })

  it('takes an address of IPv6', () => {
    const { name, host } = redisAddress('redis://[::1]:7000')

    assert.deepEqual([name, host], ['[::1]:7000', '::1'])
  })
})
