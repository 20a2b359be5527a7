import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { viewOf } from '../../view-of.ts'
import { writeFixed64Nanos, writeFixed64Time } from './unix-nanos.ts'

describe('a time in nanoseconds', () => {
  it('is exact from 1970 to the last that eight bytes hold', () => {
    const seconds = [0, 1, 4, 5, 1_790_000_000, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32, 18_446_744_072]
    const nanos = [0, 1, 294_967_295, 294_967_296, 999_999_999]

    for (const second of seconds) {
      for (const nano of nanos) {
        assert.equal(timeOf(second, nano), BigInt(second) * 1_000_000_000n + BigInt(nano))
      }
    }
    assert.equal(timeOf(18_446_744_073, 709_551_615), 2n ** 64n - 1n)
  })

  it('is exact at each of a million seconds in a row', () => {
    const buffer = Buffer.alloc(8)
    const view = viewOf(buffer)
    for (let second = 1_790_000_000; second < 1_791_000_000; second += 1) {
      writeFixed64Time(view, 0, second, 987_654_321)
      const expected = BigInt(second) * 1_000_000_000n + 987_654_321n
      if (buffer.readBigUInt64LE() !== expected) assert.fail(`wrong at second ${second}`)
    }
  })

  it('is that of milliseconds to the quarter of a microsecond that a double has', () => {
    assert.equal(nanosOf(0), 0n)
    assert.equal(nanosOf(0.000001), 1n)
    assert.equal(nanosOf(1_790_000_000_000), 1_790_000_000_000_000_000n)
    assert.equal(nanosOf(1_790_000_000_000.5), 1_790_000_000_000_500_000n)
    assert.equal(nanosOf(1_790_000_000_999.75), 1_790_000_000_999_750_000n)
    for (let micro = 0; micro < 1000; micro += 1) {
      const error = nanosOf(1_790_000_000_123 + micro / 1000) - exactNanos(123_000 + micro)
      assert.ok(error > -250n && error < 250n, `${error} ns wrong at microsecond ${micro}`)
    }
  })

  it('does not stumble where a second ends', () => {
    const last = 1_790_000_000_999.9998

    assert.equal(
      nanosOf(last),
      BigInt(Math.round((last - 1_790_000_000_999) * 1e6)) + exactNanos(999_000),
    )
  })

  it('begins at the offset and returns what is behind it', () => {
    const buffer = Buffer.alloc(10, 7)

    assert.equal(writeFixed64Nanos(viewOf(buffer), 1, 0), 9)
    assert.deepEqual([...buffer], [7, 0, 0, 0, 0, 0, 0, 0, 0, 7])
  })
})

function exactNanos(micros: number): bigint {
  return 1_790_000_000_000_000_000n + BigInt(micros) * 1000n
}

function timeOf(seconds: number, nanos: number): bigint {
  const buffer = Buffer.alloc(8)
  const view = viewOf(buffer)
  writeFixed64Time(view, 0, seconds, nanos)
  return buffer.readBigUInt64LE()
}

function nanosOf(epochMillis: number): bigint {
  const buffer = Buffer.alloc(8)
  const view = viewOf(buffer)
  writeFixed64Nanos(view, 0, epochMillis)
  return buffer.readBigUInt64LE()
}
