import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { settings } from './settings.ts'

describe('settings', () => {
  it('needs nothing', () => {
    assert.deepEqual(settings.parse({}), {
      REDIS_PRIMARY_URL: 'redis://localhost:6379',
      REDIS_REPLICA_URLS: [],
      REDIS_TIMEOUT_SECONDS: 1,
      READ_FALLBACK: 'primary',
      MIN_REPLICAS: 0,
      POD_IP: '',
    })
  })

  it('takes lists of servers, with and without TLS and all that a URL may say', () => {
    const { REDIS_PRIMARY_URL, REDIS_REPLICA_URLS } = settings.parse({
      REDIS_PRIMARY_URL: 'rediss://user:p%40ss@redis.example:6380/2',
      REDIS_REPLICA_URLS: 'redis://one, redis://[::1]:6379 ,',
    })

    assert.equal(REDIS_PRIMARY_URL, 'rediss://user:p%40ss@redis.example:6380/2')
    assert.deepEqual(REDIS_REPLICA_URLS, ['redis://one', 'redis://[::1]:6379'])
  })

  it('refuses what is no address of Redis, and does not repeat it', () => {
    for (const wrong of [
      'localhost:6379',
      'http://hunter2@localhost',
      'redis://',
      'redis://host/hunter2',
      'redis://:hunter2@host:99999',
      'redis://:50%hunter2@host',
    ]) {
      const { error } = settings.safeParse({ REDIS_PRIMARY_URL: wrong, REDIS_REPLICA_URLS: wrong })

      assert.deepEqual(
        error?.issues.map(({ path, message }) => [path[0], message]),
        ['REDIS_PRIMARY_URL', 'REDIS_REPLICA_URLS'].map((name) => [
          name,
          'expected a URL such as redis://user:password@host:6379/0 (or rediss://)',
        ]),
        wrong,
      )
    }
  })

  it('refuses a deadline of nothing, and replicas in part', () => {
    assert.equal(settings.safeParse({ REDIS_TIMEOUT_SECONDS: '0' }).success, false)
    assert.equal(settings.safeParse({ MIN_REPLICAS: '1.5' }).success, false)
    assert.equal(settings.safeParse({ READ_FALLBACK: 'replica' }).success, false)
  })
})
