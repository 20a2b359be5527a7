import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readOhaReport } from './oha-report.ts'

const report = {
  summary: { requestsPerSec: 8996.39 },
  latencyPercentiles: { p50: 0.000_25, p99: 0.0004, 'p99.9': 0.0015 },
  statusCodeDistribution: { '200': 44_900, '500': 97 },
  errorDistribution: { 'aborted due to deadline': 3, 'connection refused': 2 },
}

describe('readOhaReport', () => {
  it('reads answers by status and percentiles in milliseconds', () => {
    assert.deepEqual(readOhaReport(JSON.stringify(report)), {
      requests: 44_997,
      perSecond: 8996.39,
      statuses: { '200': 44_900, '500': 97 },
      errors: 2,
      p50Millis: 0.25,
      p99Millis: 0.4,
      p999Millis: 1.5,
    })
  })

  it('has no percentile of no answers', () => {
    const none = {
      ...report,
      latencyPercentiles: { p50: null, p99: null, 'p99.9': null },
      statusCodeDistribution: {},
    }

    assert.partialDeepStrictEqual(readOhaReport(JSON.stringify(none)), {
      requests: 0,
      p99Millis: Number.NaN,
    })
  })
})
