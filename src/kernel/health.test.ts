import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { Health } from './health.ts'
import { createLogger } from './telemetry/logger.ts'

describe('Health', { concurrency: true }, () => {
  describe('readiness', () => {
    it('is ready without any check', async () => {
      const { health } = healthWithLines()

      assert.deepEqual(await health.readiness(), { status: 'ready', checks: [] })
    })

    it('reports each check with its state, time and duration', async () => {
      const { health } = healthWithLines()
      health.addCheck('store', () => sleep(20))
      const before = Date.now()

      const { status, checks } = await health.readiness()

      assert.equal(status, 'ready')
      assert.equal(checks.length, 1)
      const { time, duration_ms, ...rest } = checks[0]!
      assert.deepEqual(rest, { name: 'store', state: 'pass', critical: true })
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.ok(Date.parse(time) >= before && Date.parse(time) <= Date.now())
      assert.ok(duration_ms >= 15 && duration_ms < 5000, `took ${duration_ms} ms`)
    })

    it('is not ready while a critical check fails, and says why', async () => {
      const { health } = healthWithLines()
      health.addCheck('store', () => Promise.reject(new Error('connection refused')))
      health.addCheck('queue', async () => {})

      const { status, checks } = await health.readiness()

      assert.equal(status, 'not-ready')
      assert.partialDeepStrictEqual(checks, [
        { name: 'store', state: 'fail', critical: true, error: 'connection refused' },
        { name: 'queue', state: 'pass' },
      ])
    })

    it('stays ready while a check that is not critical fails, and shows it', async () => {
      const { health } = healthWithLines()
      health.addCheck('cache', () => Promise.reject(new Error('away')), { critical: false })

      const { status, checks } = await health.readiness()

      assert.equal(status, 'ready')
      assert.partialDeepStrictEqual(checks, [
        { name: 'cache', state: 'fail', critical: false, error: 'away' },
      ])
    })

    it('takes a check that throws before its first await for a failing one', async () => {
      const { health } = healthWithLines()
      health.addCheck('store', () => {
        throw new Error('not connected yet')
      })

      assert.partialDeepStrictEqual(await health.readiness(), {
        status: 'not-ready',
        checks: [{ error: 'not connected yet' }],
      })
    })

    it('shows what was thrown, even if it is no error', async () => {
      const { health } = healthWithLines()
      health.addCheck('store', () => Promise.reject('text'))

      assert.partialDeepStrictEqual(await health.readiness(), { checks: [{ error: 'text' }] })
    })

    it('recovers with the check', async () => {
      const { health } = healthWithLines()
      let works = false
      health.addCheck(
        'store',
        () => (works ? Promise.resolve() : Promise.reject(new Error('no'))),
        {
          cacheSeconds: 0,
        },
      )

      const before = await health.readiness()
      works = true
      const after = await health.readiness()

      assert.deepEqual([before.status, after.status], ['not-ready', 'ready'])
      assert.ok(!('error' in after.checks[0]!))
    })

    it('runs the checks side by side', async () => {
      const { health } = healthWithLines()
      const bothRunning = Promise.withResolvers<void>()
      health.addCheck('first', () => bothRunning.promise)
      health.addCheck('second', async () => bothRunning.resolve())

      assert.equal((await health.readiness()).status, 'ready')
    })
  })

  describe('time limit of a check', { concurrency: true }, () => {
    it('fails a check that does not answer, and aborts its signal', async () => {
      const { health } = healthWithLines()
      let aborted = false
      health.addCheck(
        'store',
        async (signal) => {
          await sleep(1000)
          aborted = signal.aborted
        },
        { timeoutSeconds: 0.05 },
      )
      const started = performance.now()

      const { status, checks } = await health.readiness()

      assert.equal(status, 'not-ready')
      assert.equal(checks[0]?.error, 'no answer within 0.05 s')
      assert.ok(performance.now() - started < 900, 'the report waited for the check')
      await sleep(1100)
      assert.ok(aborted)
    })

    it('is 0.8 s, below the second of a Kubernetes probe, unless given', async () => {
      const { health } = healthWithLines()
      health.addCheck('store', () => sleep(3000, undefined, { ref: false }))
      const started = performance.now()

      const { checks } = await health.readiness()

      assert.equal(checks[0]?.error, 'no answer within 0.8 s')
      assert.ok(performance.now() - started < 2000)
    })

    it('does not start a check again while it hangs', async () => {
      const { health } = healthWithLines()
      const answer = Promise.withResolvers<void>()
      let runs = 0
      const check = async () => {
        runs += 1
        await Promise.race([answer.promise, sleep(600)])
      }
      health.addCheck('store', check, { timeoutSeconds: 0.03, cacheSeconds: 0 })
      const alive = sleep(100)

      const first = await health.readiness()
      const second = await health.readiness()

      assert.equal(runs, 1)
      assert.equal(first.checks[0]?.error, 'no answer within 0.03 s')
      assert.match(second.checks[0]?.error ?? '', /an earlier run .* has still not answered/)

      answer.resolve()
      await alive
      const third = await health.readiness()

      assert.equal(runs, 2)
      assert.equal(third.status, 'ready')
    })

    it('starts a check again whose hanging run failed in the end', async () => {
      const { health } = healthWithLines()
      let runs = 0
      const check = async () => {
        runs += 1
        if (runs > 1) return
        await sleep(60)
        throw new Error('too late to matter')
      }
      health.addCheck('store', check, { timeoutSeconds: 0.02, cacheSeconds: 0 })

      await health.readiness()
      await sleep(100)

      assert.equal((await health.readiness()).status, 'ready')
    })
  })

  describe('cache of a check', { concurrency: true }, () => {
    it('answers probes that come at the same time with one run', async () => {
      const { health, counted } = healthWithLines()
      const check = counted(() => sleep(20))
      health.addCheck('store', check, { cacheSeconds: 0 })

      const reports = await Promise.all([
        health.readiness(),
        health.readiness(),
        health.readiness(),
      ])

      assert.equal(check.runs, 1)
      assert.deepEqual(reports[2], reports[0])
    })

    it('answers probes that come soon after with the same result, good or bad', async () => {
      const { health, counted } = healthWithLines()
      const good = counted(async () => {})
      const bad = counted(() => Promise.reject(new Error('no')))
      health.addCheck('good', good)
      health.addCheck('bad', bad)

      const first = await health.readiness()
      const second = await health.readiness()

      assert.deepEqual([good.runs, bad.runs], [1, 1])
      assert.deepEqual(second, first)
    })

    it('runs the check again once the result is too old', async () => {
      const { health, counted } = healthWithLines()
      const check = counted(async () => {})
      health.addCheck('store', check, { cacheSeconds: 0.05 })

      await health.readiness()
      await sleep(80)
      await health.readiness()

      assert.equal(check.runs, 2)
    })

    it('holds a second unless given', async () => {
      const { health, counted } = healthWithLines()
      const check = counted(async () => {})
      health.addCheck('store', check)

      await health.readiness()
      await sleep(800)
      await health.readiness()
      assert.equal(check.runs, 1)

      await sleep(250)
      await health.readiness()
      assert.equal(check.runs, 2)
    })
  })

  describe('log', () => {
    it('says once that the service is ready', async () => {
      const { health, lines } = healthWithLines()

      await health.readiness()
      await health.readiness()

      assert.deepEqual(lines(), [{ level: 'info', msg: 'ready' }])
    })

    it('says once that the service is not ready, and why, and once that it is again', async () => {
      const { health, lines } = healthWithLines()
      let works = false
      health.addCheck(
        'store',
        () => (works ? Promise.resolve() : Promise.reject(new Error('no'))),
        {
          cacheSeconds: 0,
        },
      )

      await health.readiness()
      await health.readiness()
      works = true
      await health.readiness()
      await health.readiness()

      assert.deepEqual(lines(), [
        { level: 'warn', msg: 'not ready', failures: { store: 'no' } },
        { level: 'info', msg: 'ready' },
      ])
    })

    it('tells of a failing check that is not critical, too', async () => {
      const { health, lines } = healthWithLines()
      health.addCheck('cache', () => Promise.reject(new Error('away')), { critical: false })

      await health.readiness()

      assert.deepEqual(lines(), [{ level: 'warn', msg: 'ready', failures: { cache: 'away' } }])
    })

    it('tells when one more check fails', async () => {
      const { health, lines } = healthWithLines()
      let queueWorks = true
      health.addCheck('store', () => Promise.reject(new Error('no')), { cacheSeconds: 0 })
      health.addCheck(
        'queue',
        () => (queueWorks ? Promise.resolve() : Promise.reject(new Error('full'))),
        { cacheSeconds: 0 },
      )

      await health.readiness()
      queueWorks = false
      await health.readiness()

      assert.deepEqual(
        lines().map(({ failures }) => failures),
        [{ store: 'no' }, { store: 'no', queue: 'full' }],
      )
    })
  })

  describe('drain', () => {
    it('makes the service not ready, whatever the checks say', async () => {
      const { health, lines } = healthWithLines()
      health.addCheck('store', async () => {})
      assert.equal(health.draining, false)

      health.drain()

      assert.equal(health.draining, true)
      assert.partialDeepStrictEqual(await health.readiness(), {
        status: 'draining',
        checks: [{ name: 'store', state: 'pass' }],
      })
      await health.readiness()
      assert.deepEqual(lines(), [{ level: 'info', msg: 'not ready: draining' }])
    })

    it('is what shows where a critical check fails as well', async () => {
      const { health } = healthWithLines()
      health.addCheck('store', () => Promise.reject(new Error('no')))

      health.drain()

      assert.equal((await health.readiness()).status, 'draining')
    })
  })

  describe('addCheck', () => {
    it('refuses a name that is taken', () => {
      const { health } = healthWithLines()
      health.addCheck('store', async () => {})

      assert.throws(
        () => health.addCheck('store', async () => {}),
        /A health check named "store" exists already/,
      )
    })
  })
})

function healthWithLines() {
  const written: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'info',
    pretty: false,
    otlp: false,
    destination: { write: (line) => void written.push(line) },
  })
  return { health: new Health(logger), lines: () => written.map(withoutTime), counted }
}

function withoutTime(text: string): Record<string, unknown> {
  const { time: _time, service: _service, ...line } = JSON.parse(text) as Record<string, unknown>
  return line
}

/** A check that knows how often it ran. */
function counted(check: () => Promise<unknown>) {
  const wrapped = () => {
    wrapped.runs += 1
    return check()
  }
  wrapped.runs = 0
  return wrapped
}
