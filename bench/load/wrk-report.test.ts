import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readWrkReport } from './wrk-report.ts'

const report = `Running 3s test @ http://127.0.0.1:9123/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.48ms    6.30ms 107.28ms   97.61%
    Req/Sec    98.23k    22.58k  111.67k    87.10%
  Latency Distribution
     50%  573.00us
     75%  651.00us
     90%    0.86ms
     99%   29.82ms
  302258 requests in 3.10s, 36.61MB read
Requests/sec:  97527.69
Transfer/sec:     11.81MB
`

describe('readWrkReport', () => {
  it('reads totals and percentiles, each in its unit', () => {
    assert.deepEqual(readWrkReport(report), {
      requests: 302_258,
      seconds: 3.1,
      perSecond: 97_527.69,
      failures: 0,
      socketErrors: 0,
      p50Millis: 0.573,
      p99Millis: 29.82,
    })
  })

  it('reads what failed', () => {
    const failed = report.replace(
      'Requests/sec',
      '  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 17\nRequests/sec',
    )

    assert.partialDeepStrictEqual(readWrkReport(failed), { failures: 17, socketErrors: 7 })
  })

  it('refuses what is no report', () => {
    assert.throws(() => readWrkReport('unable to connect'), /no totals[^]*unable to connect/)
  })
})
