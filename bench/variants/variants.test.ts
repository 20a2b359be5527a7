import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { variants, wholeMatrix } from '../variants.ts'

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const repository = join(import.meta.dirname, '../..')
const folders = globSync('*/package.json', { cwd: import.meta.dirname }).map((file) =>
  file.replace('/package.json', ''),
)

describe('variants', () => {
  it('pin their packages exactly, those of the repository in the same version', () => {
    const ours = packagesOf(repository)

    assert.ok(folders.length >= 5)
    for (const folder of folders) {
      for (const [name, version] of packagesOf(join(import.meta.dirname, folder))) {
        assert.match(version, /^\d+\.\d+\.\d+$/, `${folder}: ${name}`)
        assert.equal(version, ours.get(name) ?? version, `${folder}: ${name}`)
      }
    }
  })

  it('are locked without naming the host that the packages came from', () => {
    for (const folder of folders) {
      const lock = readFileSync(join(import.meta.dirname, folder, 'package-lock.json'), 'utf8')
      assert.doesNotMatch(lock, /"resolved": "http/, folder)
    }
  })

  it('bring packages where the bench believes it', () => {
    for (const { name, folder, hasPackages } of variants) {
      const brings = folders.some((each) => join(import.meta.dirname, each) === folder)
      assert.equal(brings && packagesOf(folder).size > 0, hasPackages, name)
    }
  })

  it('are known where they are named', () => {
    const names = variants.map(({ name }) => name)

    assert.deepEqual(
      wholeMatrix.filter((name) => !names.includes(name)),
      [],
    )
  })
})

function packagesOf(folder: string): Map<string, string> {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Manifest
  return new Map(Object.entries({ ...dependencies, ...devDependencies }))
}
