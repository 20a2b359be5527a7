import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Hono } from 'hono'

import { RecordingRouter } from './recording-router.ts'
import type { KernelEnv } from './routes.ts'

describe('RecordingRouter', () => {
  it('tells the pattern, not the path', async () => {
    const { app, patternsOf } = recordedApp()
    app.get('/users/:id', (c) => c.text(c.req.param('id')))

    assert.deepEqual(await patternsOf('/users/7'), ['/users/:id'])
  })

  it('tells which of two matching handlers answered', async () => {
    const { app, patternsOf } = recordedApp()
    app.get('/users/me', (c) => c.text('me'))
    app.get('/users/:id', (c) => c.text(c.req.param('id')))

    assert.deepEqual(await patternsOf('/users/me'), ['/users/me'])
    assert.deepEqual(await patternsOf('/users/7'), ['/users/:id'])
  })

  it('tells the second handler when the first passes on', async () => {
    const { app, patternsOf } = recordedApp()
    app.get('/users/me', (_c, next) => next())
    app.get('/users/:id', (c) => c.text(c.req.param('id')))

    assert.deepEqual(await patternsOf('/users/me'), ['/users/me', 'passed on', '/users/:id'])
  })

  it('tells the middleware when it answers itself', async () => {
    const { app, patternsOf } = recordedApp()
    app.use('/admin/*', async (c) => c.text('Who are you?', 401))
    app.get('/admin/users', (c) => c.text('all of them'))

    assert.deepEqual(await patternsOf('/admin/users'), ['/admin/*'])
  })

  it('tells the handler behind a middleware that passes on', async () => {
    const { app, patternsOf } = recordedApp()
    app.use(async (_c, next) => next())
    app.get('/admin/users', (c) => c.text('all of them'))

    assert.deepEqual(await patternsOf('/admin/users'), ['/*', 'passed on', '/admin/users'])
  })

  it('tells nothing where nothing matches', async () => {
    const { app, patternsOf } = recordedApp()
    app.get('/users', (c) => c.text('all of them'))

    assert.deepEqual(await patternsOf('/absent'), [])
  })

  it('leaves the record alone while a handler asks the app itself', async () => {
    const { app, patternsOf } = recordedApp()
    app.get('/inner', (c) => c.text('inner'))
    app.get('/outer', async () => app.request('/inner'))

    assert.deepEqual(await patternsOf('/outer'), ['/outer'])
  })

  it('hands path parameters through, also where Hono falls back to its slower router', async () => {
    const { app } = recordedApp()
    app.get('/:kind/:id', (c) => c.text(`${c.req.param('kind')} ${c.req.param('id')}`))
    app.get('/:any{.+}/end', (c) => c.text(c.req.param('any')))

    assert.equal(await (await app.request('/a/b')).text(), 'a b')
    assert.equal(await (await app.request('/x/y/end')).text(), 'x/y')
  })

  describe('methodsOf', () => {
    it('lists what the path answers, HEAD wherever GET is', () => {
      const { app, router } = recordedApp()
      app.put('/keys/:key', (c) => c.text(''))
      app.get('/keys/:key', (c) => c.text(''))
      app.post('/keys', (c) => c.text(''))

      assert.deepEqual(router.methodsOf('/keys/a'), ['GET', 'HEAD', 'PUT'])
      assert.deepEqual(router.methodsOf('/keys'), ['POST'])
      assert.deepEqual(router.methodsOf('/absent'), [])
    })

    it('lists methods of their own names', () => {
      const { app, router } = recordedApp()
      app.on('PURGE', '/cache', (c) => c.text(''))

      assert.deepEqual(router.methodsOf('/cache'), ['PURGE'])
    })

    it('does not count what is there for all methods', () => {
      const { app, router } = recordedApp()
      app.use(async (_c, next) => next())
      app.all('/anything', (c) => c.text(''))
      app.get('/keys', (c) => c.text(''))

      assert.deepEqual(router.methodsOf('/anything'), [])
      assert.deepEqual(router.methodsOf('/keys'), ['GET', 'HEAD'])
    })

    it('is empty for an app without routes', () => {
      assert.deepEqual(recordedApp().router.methodsOf('/'), [])
    })
  })
})

function recordedApp() {
  const router = new RecordingRouter()
  const app = new Hono<KernelEnv>({ router })
  return {
    app,
    router,
    /** What a record hears during one request. */
    async patternsOf(path: string): Promise<string[]> {
      const heard: string[] = []
      const record = {
        setRoute: (pattern: string | undefined) => void heard.push(pattern ?? 'passed on'),
      }
      await app.request(path, {}, { record })
      return heard
    },
  }
}
