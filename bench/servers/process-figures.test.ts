import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { cpuSecondsIn, rssBytesIn } from './process-figures.ts'

describe('figures of a process', () => {
  it('sum user and system time, whatever the process is called', () => {
    const stat = '42 (a) b (c) S 1 42 42 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 11 0 5000'

    assert.equal(cpuSecondsIn(stat), 2)
  })

  it('give resident memory in bytes', () => {
    assert.equal(rssBytesIn('Name:\tnode\nVmRSS:\t   62000 kB\nThreads:\t11\n'), 62_000 * 1024)
  })
})
