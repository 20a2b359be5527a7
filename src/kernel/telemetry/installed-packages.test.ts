import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { installedPackages } from './installed-packages.ts'

describe('installedPackages', () => {
  let root: string

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'plainsight-packages-'))
    for (const folder of [
      'node_modules/pg',
      'node_modules/@redis/client/node_modules/generic-pool',
      'node_modules/.pnpm/mysql2@3.0.0/node_modules/mysql2',
      'node_modules/.bin',
      'examples/orders/node_modules/mongodb',
      'examples/orders/src',
    ]) {
      mkdirSync(join(root, folder), { recursive: true })
    }
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}')
    symlinkSync('..', join(root, 'node_modules/plainsight'))
    symlinkSync('../examples/orders', join(root, 'node_modules/orders'))
  })
  after(() => rmSync(root, { recursive: true }))

  it('finds them beside, above, inside one another, in scopes and in the store of pnpm', () => {
    assert.deepEqual(ofOurs(join(root, 'examples/orders/src')), [
      '@redis/client',
      'generic-pool',
      'mongodb',
      'mysql2',
      'orders',
      'pg',
      'plainsight',
    ])
  })

  it('finds none of another folder', () => {
    assert.ok(!ofOurs(root).includes('mongodb'))
  })

  it('finds nothing where nothing is installed', () => {
    assert.deepEqual(ofOurs(join(root, 'nowhere')), ofOurs(root))
  })

  /** Without what the machine may have above the temporary folder. */
  function ofOurs(folder: string): string[] {
    return [...installedPackages(folder).difference(installedPackages(tmpdir()))].toSorted()
  }
})
