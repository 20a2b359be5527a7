import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { imageOptions } from './image-options.ts'

const repository = join(import.meta.dirname, '../..')

describe('imageOptions', () => {
  it('are those of the image, which are those of npm start, too', () => {
    const options = imageOptions(readFileSync(join(repository, 'Dockerfile'), 'utf8'))
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))

    assert.match(options, /^--max-semi-space-size=\d+$/)
    assert.ok(scripts.start.startsWith(`node ${options} `), scripts.start)
  })

  it('are missed when they are not there', () => {
    assert.throws(() => imageOptions('FROM node\n'), /sets no NODE_OPTIONS/)
  })
})
