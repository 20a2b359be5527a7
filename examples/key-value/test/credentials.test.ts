import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { freePort } from '../../../test/support/free-port.ts'
import { startObserved } from '../../../test/support/observed-service.ts'
import { runToEnd, startService } from '../../../test/support/service-process.ts'
import { get, main, set } from './support/key-value-service.ts'
import { redisMissing, startRedis, startReplicaOf, until } from './support/redis-server.ts'

const opensslMissing =
  spawnSync('openssl', ['version']).error !== undefined && 'openssl is not installed'

describe('a password', { skip: redisMissing }, () => {
  it('in a URL is written nowhere, whether it is right or wrong', async () => {
    await using primary = await startRedis('--requirepass', 'open-sesame')
    await using replica = await startReplicaOf(
      primary,
      '--masterauth',
      'open-sesame',
      '--requirepass',
      'wrong-here',
    )
    await using observed = await startObserved({
      main,
      env: {
        REDIS_PRIMARY_URL: primary.url.replace('//', '//:open-sesame@'),
        REDIS_REPLICA_URLS: replica.url.replace('//', '//someone:hunter2@'),
        LOG_LEVEL: 'trace',
      },
    })
    const { url } = observed.service

    assert.equal((await set(url, 'k', 'v')).status, 200)
    assert.equal((await get(url, 'k')).status, 200)
    const ready = await (await fetch(`${url}/readyz`)).text()
    assert.match(ready, /WRONGPASS/)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    await observed.receiver.waitFor('spans of Redis', () =>
      observed.receiver.spans.some(({ name }) => name === 'redis-SET'),
    )
    const sent = JSON.stringify(
      [observed.receiver.spans, observed.receiver.logs],
      (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value),
    )
    const everything = [ready, metrics, observed.service.stdout(), sent].join('\n')
    assert.doesNotMatch(everything, /open-sesame|hunter2/)
  })

  it('in a file is read again when it changes', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'password')
    writeFileSync(file, 'old\n')
    await using redis = await startRedis('--requirepass', 'old')
    await using service = await startService({
      main,
      env: { REDIS_PRIMARY_URL: redis.url, REDIS_PASSWORD_FILE: file },
    })
    assert.equal((await set(service.url, 'k', 'v')).status, 200)

    // It counts for new connections; those that are there go.
    await redis.cli('CONFIG', 'SET', 'requirepass', 'new')
    writeFileSync(file, 'new\n')
    await redis.cli('-a', 'new', 'CLIENT', 'KILL', 'TYPE', 'normal')
    await until('writes go on', async () => (await set(service.url, 'k', 'v2')).ok)
    assert.equal(await redis.cli('-a', 'new', 'GET', 'k'), 'v2')
  })

  it('whose file is not there stops the start', async () => {
    const { code, stderr } = await runToEnd({
      main,
      env: { REDIS_PASSWORD_FILE: '/nowhere/password' },
    })

    assert.equal(code, 1)
    assert.match(stderr, /^Cannot start: REDIS_PASSWORD_FILE: ENOENT.*\/nowhere\/password/m)
  })
})

describe('TLS', { skip: redisMissing || opensslMissing }, () => {
  it('is spoken with whom REDIS_CA_FILE vouches for, and with nobody else', async () => {
    using folder = temporaryFolder()
    const [key, certificate] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
    const request =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=redis -addext subjectAltName=IP:127.0.0.1'
    execFileSync('openssl', [...request.split(' '), '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    })
    const port = await freePort()
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key]
    const options = ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no']
    await using redis = await startRedis(...options)
    const REDIS_PRIMARY_URL = `rediss://127.0.0.1:${port}`

    await using trusting = await startService({
      main,
      env: { REDIS_PRIMARY_URL, REDIS_CA_FILE: certificate },
    })
    await using strict = await startService({ main, env: { REDIS_PRIMARY_URL } })

    assert.equal((await set(trusting.url, 'k', 'v')).status, 200)
    assert.equal(await redis.cli('GET', 'k'), 'v')
    const refused = await fetch(`${strict.url}/readyz`)
    assert.equal(refused.status, 503)
    assert.match(await refused.text(), /self-signed certificate/)
  })
})

describe('the port', () => {
  it('is 8082 unless it is set', async () => {
    // An address of its own, where nobody else has that port.
    await using service = await startService({ main, env: { PORT: '', HOST: '127.82.0.82' } })

    assert.equal(service.port, 8082)
  })
})

function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'key-value-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
