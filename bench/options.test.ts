import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { matrixOf, parts, readOptions } from './options.ts'

describe('readOptions', () => {
  it('measures everything unless told', () => {
    const options = readOptions([])

    assert.equal(options.variants.length, 7)
    assert.equal(options.workloads.length, 8)
    assert.deepEqual([...options.parts], [...parts])
    assert.equal(options.dryRun, false)
    assert.equal(matrixOf(options).length, 4)
  })

  it('is quick with the main workload of those that the main ratios need, and writes nothing', () => {
    const options = readOptions(['--quick'])

    assert.deepEqual(
      options.workloads.map(({ name }) => name),
      ['root'],
    )
    assert.deepEqual([...options.parts], ['full-speed', 'cold-start'])
    assert.equal(options.dryRun, true)
  })

  it('complains of what it does not know, with what there is', () => {
    assert.throws(
      () => readOptions(['--variants', 'express']),
      /no variant "express"; there are bare-node/,
    )
    assert.throws(() => readOptions(['--workloads', 'x']), /no workload "x"; there are root/)
    assert.throws(() => readOptions(['--parts', 'x']), /no part "x"; there are full-speed/)
    assert.throws(() => readOptions(['--seconds', 'ten']), /--seconds: expected a number/)
    assert.throws(() => readOptions(['--rounds', '2.5']), /--rounds: expected a whole number/)
  })
})
