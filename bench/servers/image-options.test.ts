import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { imageOptions } from './image-options.ts'

const repository = join(import.meta.dirname, '../..')

describe('imageOptions', () => {
  it('are those of the image, which are those of npm start, too', () => {
    const options = imageOptions(readFileSync(join(repository, 'Dockerfile'), 'utf8'))
    assert.match(options, /^--max-semi-space-size=\d+$/)

    const packages = globSync('{package.json,examples/*/package.json}', { cwd: repository })
    assert.ok(packages.includes('package.json'))
    for (const file of packages) {
      const { scripts } = JSON.parse(readFileSync(join(repository, file), 'utf8'))
      assert.ok(scripts.start.startsWith(`node ${options} `), `${file}: ${scripts.start}`)
    }
  })

  it('are missed when they are not there', () => {
    assert.throws(() => imageOptions('FROM node\n'), /sets no NODE_OPTIONS/)
  })
})
