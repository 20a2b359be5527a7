import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { mainFolder } from './main-folder.ts'

describe('mainFolder', () => {
  let root: string

  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'plainsight-main-')))
    mkdirSync(join(root, 'src'))
    mkdirSync(join(root, 'bin'))
    writeFileSync(join(root, 'src/main.ts'), '')
    symlinkSync('../src/main.ts', join(root, 'bin/main.ts'))
  })
  after(() => rmSync(root, { recursive: true }))

  it('is where the file lies, and not the link to it', () => {
    assert.equal(mainFolder(join(root, 'src/main.ts')), join(root, 'src'))
    assert.equal(mainFolder(join(root, 'bin/main.ts')), join(root, 'src'))
  })

  it('is the folder that was started', () => {
    assert.equal(mainFolder(join(root, 'src')), join(root, 'src'))
  })

  it('is where the process runs, if no file was started', () => {
    assert.equal(mainFolder(''), process.cwd())
    assert.equal(mainFolder('an argument of --eval'), process.cwd())
  })
})
