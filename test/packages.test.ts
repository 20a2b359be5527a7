import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { describe, it } from 'node:test'

import { collapsible } from '../image/collapsible.ts'
import { librariesOf } from '../src/kernel/telemetry/instrumented-libraries.ts'

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

describe('installed packages', () => {
  it('hold exactly one copy of each @opentelemetry package: two would not see each other', () => {
    const copies = Map.groupBy(
      globSync('node_modules/**/@opentelemetry/*/package.json'),
      (path) => /@opentelemetry\/([^/]+)\/package\.json$/.exec(path)?.[1],
    )

    assert.ok(copies.size > 50)
    for (const core of ['api', 'core', 'sdk-trace', 'sdk-logs', 'instrumentation', 'sdk-node']) {
      assert.equal(copies.get(core)?.length, 1, core)
    }
    assert.deepEqual(
      [...copies].filter(([, paths]) => paths.length > 1),
      [],
    )
  })

  it('are pinned exactly, and in examples as here', () => {
    const [root = [], ...examples] = ['package.json', ...globSync('examples/*/package.json')].map(
      packagesOf,
    )

    for (const [name, version] of root) assert.match(version, /^\d+\.\d+\.\d+$/, name)
    for (const [name, version] of examples.flat()) {
      if (name === 'plainsight') continue
      assert.match(version, /^\d+\.\d+\.\d+$/, name)
      assert.equal(version, new Map(root).get(name) ?? version, name)
    }
  })

  it('are left as they are in the image if they are instrumented', () => {
    const instrumented = globSync('node_modules/@opentelemetry/instrumentation-*').flatMap((path) =>
      librariesOf(path.replace(/.*instrumentation-/, '')),
    )

    assert.ok(instrumented.includes('@redis/client') && instrumented.length > 30)
    assert.deepEqual(
      instrumented.filter((name) => collapsible.some((pattern) => matchesGlob(name, pattern))),
      [],
    )
  })

  it('are locked without naming the host that they came from', () => {
    assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved": "http/)
  })
})

function packagesOf(file: string): [name: string, version: string][] {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  return Object.entries({ ...dependencies, ...devDependencies })
}
