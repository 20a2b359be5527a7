import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { traceIdOf } from '../../../test/support/observed-service.ts'
import { startExample } from './running-example.ts'
import type { Example } from './running-example.ts'

const seed = `routes:
  /route1: "route1's content"
  /route2: "route2's content"
  /sub/: everything below
  /number: 0x1F
  /none: ~
  /users/:id: no parameter
  /slow: { response: worth the wait, duration: 0.2 }
`

describe('the configured routes', () => {
  let example: Example

  before(async () => {
    example = await startExample(seed)
  })
  after(() => example[Symbol.asyncDispose]())

  it('answer with their pattern and their text, and not one byte more', async () => {
    assert.equal(await textOf('/route1'), "Hello, You are at /route1, Got: route1's content")
    assert.equal(await textOf('/route2'), "Hello, You are at /route2, Got: route2's content")
    assert.equal(await textOf('/sub/'), 'Hello, You are at /sub/, Got: everything below')
    assert.equal(await textOf('/sub/x/y'), 'Hello, You are at /sub/, Got: everything below')
    assert.equal(await textOf('/number'), 'Hello, You are at /number, Got: 0x1F')
    assert.equal(await textOf('/none'), 'Hello, You are at /none, Got: ')
    assert.equal(await textOf('/users/:id'), 'Hello, You are at /users/:id, Got: no parameter')
  })

  it('answer with the type and the length of a plain text', async () => {
    const response = await ask('/route1')

    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(response.headers.get('content-length'), '48')
  })

  it('take the time that they are told to', async () => {
    const begun = performance.now()

    assert.equal(await textOf('/slow'), 'Hello, You are at /slow, Got: worth the wait')
    assert.ok(performance.now() - begun >= 190)
  })

  it('answer HEAD as GET, without the body', async () => {
    const response = await ask('/route1', { method: 'HEAD' })

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), '48')
    assert.equal(await response.text(), '')
  })

  it('send from /sub to /sub/', async () => {
    const response = await ask('/sub?q=1', { redirect: 'manual' })

    assert.equal(response.status, 301)
    assert.equal(response.headers.get('location'), '/sub/?q=1')
  })

  it('answer no other method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await ask('/route1', { method })

      assert.equal(response.headers.get('allow'), 'GET, HEAD', method)
      assert.partialDeepStrictEqual(await problemOf(response), {
        status: 405,
        code: 'method-not-allowed',
        detail: `/route1 does not answer ${method}.`,
      })
    }
    const builtIn = await ask('/connect_db', { method: 'POST' })
    assert.equal(builtIn.status, 405)
    assert.equal(builtIn.headers.get('allow'), 'GET, HEAD')
  })

  it('are all that there is', async () => {
    for (const path of ['/', '/route1/', '/route1/x', '/users/7', '/subway', '/constructor']) {
      assert.partialDeepStrictEqual(await problemOf(await ask(path)), {
        status: 404,
        code: 'not-found',
        detail: `There is nothing at ${path}.`,
      })
    }
    assert.equal((await ask('/nothing', { method: 'POST' })).status, 404)
  })

  function ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${example.url}${path}`, init)
  }

  async function textOf(path: string): Promise<string> {
    const response = await ask(path)
    assert.equal(response.status, 200, path)
    return response.text()
  }
})

describe('/ as a route', () => {
  it('is everything but what the service itself answers', async () => {
    await using example = await startExample('routes:\n  /: anything\n  /a: a\n', () => ({
      DB_PASS: 'pass123',
    }))
    const texts = await Promise.all(
      ['/', '/x/y', '/a', '/a/', '/connect_db', '/livez'].map(async (path) =>
        (await fetch(`${example.url}${path}`)).text(),
      ),
    )

    assert.deepEqual(texts, [
      'Hello, You are at /, Got: anything',
      'Hello, You are at /, Got: anything',
      'Hello, You are at /a, Got: a',
      'Hello, You are at /, Got: anything',
      'Hello, You are connected database successfully!',
      'ok\n',
    ])
  })
})

describe('/connect_db', () => {
  const connected = 'Hello, You are connected database successfully!'

  it('is connected with the right password, though a newline follows it', async () => {
    await using example = await startExample(seed, () => ({ DB_PASS: 'pass123\n' }))
    const response = await fetch(`${example.url}/connect_db`)

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(await response.text(), connected)
  })

  it('follows the file of the password, whatever becomes of it', async () => {
    await using example = await startExample(seed, (folder) => ({
      DB_PASS_FILE: join(folder, 'password'),
    }))
    const ask = () => fetch(`${example.url}/connect_db`)
    const file = join(example.folder, 'password')

    assert.equal((await ask()).status, 503)
    await writeFile(file, 'pass123\n')
    assert.equal(await (await ask()).text(), connected)

    await writeFile(file, 'pass1234')
    const refused = await ask()
    assert.equal(refused.headers.get('www-authenticate'), 'ConfiguredPassword realm="database"')
    assert.partialDeepStrictEqual(await problemOf(refused), {
      status: 401,
      code: 'wrong-database-password',
      detail: 'The database refused the password that is configured.',
    })

    await rm(file)
    await mkdir(file)
    const unreadable = await ask()
    assert.partialDeepStrictEqual(await problemOf(unreadable), {
      status: 503,
      code: 'no-database-password',
      detail: 'The file of the database password cannot be read.',
    })
    const { accessLine } = await example.telemetryOf(traceIdOf(unreadable))
    assert.match(JSON.stringify(accessLine['err']), /EISDIR/)
  })

  it('says that no password is configured', async () => {
    await using example = await startExample(seed)

    assert.partialDeepStrictEqual(await problemOf(await fetch(`${example.url}/connect_db`)), {
      status: 503,
      code: 'no-database-password',
      detail: 'No database password is configured: set DB_PASS or DB_PASS_FILE.',
    })
  })
})

async function problemOf(response: Response): Promise<unknown> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  return response.json()
}
