import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

import { kernelSettings } from '../src/kernel/settings.ts'
import { settings as serviceSettings } from '../src/service/settings.ts'

const readme = readFileSync('README.md', 'utf8')

// The rows of the tables of settings: `NAME`, perhaps several, and a default.
const rows = [...readme.matchAll(/^\| (`[A-Z_]+`[^|]*)\|([^|]*)\|(.*)\|$/gm)].map(
  ([, names = '', fallback = '', meaning = '']) => ({
    names: [...names.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
    alsoNamed: [...meaning.matchAll(/`([A-Z_]{5,})`/g)].map(([, name = '']) => name),
    defaults: [...fallback.matchAll(/`([^`]*)`/g)].map(([, value = '']) => value),
  }),
)

describe('README', () => {
  it('lists every setting of the kernel and the service', () => {
    const documented = new Set(rows.flatMap(({ names, alsoNamed }) => [...names, ...alsoNamed]))
    const settings = Object.keys({ ...kernelSettings.shape, ...serviceSettings.shape })

    assert.deepEqual(
      settings.filter((name) => !documented.has(name)),
      [],
    )
  })

  it('gives every default as it is', () => {
    const defaults: Record<string, unknown> = kernelSettings.parse({})
    const listed = rows.flatMap(({ names, defaults: given }) =>
      names.map((name, index) => [name, given[index] ?? given[0]] as const),
    )

    const wrong = listed.filter(([name, given]) => {
      const actual = defaults[name]
      if (actual === undefined || typeof actual === 'object') return false
      return given !== String(actual)
    })
    assert.deepEqual(wrong, [])
  })

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)

    assert.ok(links.length > 5)
    for (const path of links) assert.ok(existsSync(path), path)
  })
})
