import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { databasePassword } from './database-password.ts'

describe('databasePassword', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'database-password-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('is the value, without the newline at its end', async () => {
    assert.equal(await fromValue('pass123'), 'pass123')
    assert.equal(await fromValue('pass123\n'), 'pass123')
    assert.equal(await fromValue('pass123\r\n'), 'pass123')
    assert.equal(await fromValue(' pass 123 \n\n'), ' pass 123 \n')
  })

  it('is none where nothing is given', async () => {
    assert.equal(await fromValue(undefined), undefined)
    assert.equal(await fromValue(''), undefined)
    assert.equal(await fromValue('\n'), undefined)
  })

  it('is what stands in the file at the moment', async () => {
    const file = join(folder, 'password')
    const password = databasePassword({ value: undefined, file })

    assert.equal(await password.read(), undefined)
    await writeFile(file, 'pass123\n')
    assert.equal(await password.read(), 'pass123')
    await writeFile(file, 'another')
    assert.equal(await password.read(), 'another')
  })

  it('fails on what cannot be read', async () => {
    const password = databasePassword({ value: undefined, file: folder })

    await assert.rejects(password.read(), { code: 'EISDIR' })
  })
})

function fromValue(value: string | undefined): Promise<string | undefined> {
  return databasePassword({ value, file: undefined }).read()
}
