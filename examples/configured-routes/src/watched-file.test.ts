import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'

import { waitUntil } from '../../../test/support/wait-until.ts'
import { lookAt, watchFile } from './watched-file.ts'
import type { Look } from './watched-file.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watched-file-'))
})
after(() => rm(folder, { recursive: true }))

describe('lookAt', () => {
  it('gives the text and a hash of it', async () => {
    const file = await written('text', 'héllo\n')

    assert.deepEqual(await lookAt(file), { text: 'héllo\n', hash: 'b95becd154aa' })
  })

  it('says why there is no text', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const absent = join(folder, 'absent')
    const large = await written('large', 'x'.repeat(262_145))
    const bytes = await written('bytes', Buffer.from([0x61, 0x0a, 0x62, 0xff]))

    assert.deepEqual(await lookAt(folder), { unreadable: `${folder}: this is no file` })
    assert.deepEqual(await lookAt(pipe), { unreadable: `${pipe}: this is no file` })
    assert.deepEqual(await lookAt(absent), { unreadable: `${absent}: there is no such file` })
    assert.deepEqual(await lookAt(large), { unreadable: `${large}: more than 262144 bytes` })
    assert.deepEqual(await lookAt(bytes), { unreadable: `${bytes}:2: this is no UTF-8` })
  })
})

describe('watchFile', () => {
  it('tells of an overwrite, once', async (t) => {
    const file = await written('overwritten', 'one')
    const seen = await watching(t, file)

    await writeFile(file, 'two')
    await seen.next('two')

    await writeFile(file, 'three')
    await seen.next('three')
    assert.deepEqual(seen.all(), ['two', 'three'])
  })

  it('tells of a rename onto the file', async (t) => {
    const file = await written('replaced', 'one')
    const seen = await watching(t, file)

    await rename(await written('replacement', 'two'), file)

    await seen.next('two')
  })

  it('tells of the swap that Kubernetes does with a ConfigMap', async (t) => {
    const mount = await configMapMount('one')
    const seen = await watching(t, mount.file)

    await mount.swapTo('two')
    await seen.next('two')
    await mount.swapTo('three')
    await seen.next('three')
  })

  it('tells of the end of the file, and of its return', async (t) => {
    const file = await written('leaving', 'one')
    const seen = await watching(t, file)

    await unlink(file)
    await seen.next(`${file}: there is no such file`)
    await writeFile(file, 'one')
    await seen.next('one')
  })

  it('does not take a half written file for a whole one', async (t) => {
    const file = await written('growing', '0')
    const seen = await watching(t, file, 0.05)

    // Another text whenever it is looked at, for as long as twenty looks take.
    for (let part = 1; part <= 200; part += 1) {
      await writeFile(file, String(part))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await seen.next('200')

    assert.ok(seen.all().length <= 3, seen.all().join(' '))
  })

  it('is silent once it is disposed', async () => {
    const file = await written('left', 'one')
    const told: Look[] = []
    const watch = watchFile(file, { everySeconds: 0.01, first: await lookAt(file) }, (look) =>
      told.push(look),
    )

    await watch[Symbol.asyncDispose]()
    await writeFile(file, 'two')
    await new Promise((resolve) => setTimeout(resolve, 100))

    assert.deepEqual(told, [])
  })
})

async function written(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

/** What `watchFile` tells of the file until the test is over. */
async function watching(t: TestContext, file: string, everySeconds = 0.02) {
  const told: string[] = []
  const watch = watchFile(file, { everySeconds, first: await lookAt(file) }, (look) =>
    told.push('text' in look ? look.text : look.unreadable),
  )
  t.after(() => watch[Symbol.asyncDispose]())
  return {
    all: () => told,
    next: (text: string) =>
      waitUntil(
        () => told.at(-1) === text,
        10_000,
        () => `not told of ${text}, but of ${told.join(' ')}`,
      ),
  }
}

/** file -> ..data/file, ..data -> ..1: a change makes ..2, and renames a new symlink onto ..data. */
async function configMapMount(text: string) {
  const mount = await mkdtemp(join(folder, 'mount-'))
  let version = 0
  async function swapTo(next: string): Promise<void> {
    version += 1
    await mkdir(join(mount, `..${version}`))
    await writeFile(join(mount, `..${version}`, 'routes.yaml'), next)
    await symlink(`..${version}`, join(mount, '..data_tmp'))
    await rename(join(mount, '..data_tmp'), join(mount, '..data'))
  }
  await swapTo(text)
  await symlink(join('..data', 'routes.yaml'), join(mount, 'routes.yaml'))
  return { file: join(mount, 'routes.yaml'), swapTo }
}
