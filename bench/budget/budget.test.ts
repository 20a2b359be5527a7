import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { figuresOf } from '../figures/figures-of.ts'
import type { FullSpeedRound } from '../measures/full-speed.ts'
import type { ReceiverKind } from '../receivers/receiver.ts'
import { emptyResults } from '../results.ts'
import type { Results } from '../results.ts'
import type { Counts } from '../servers/counts.ts'
import { readSurroundings } from '../surroundings.ts'
import { judge, readBudget } from './budget.ts'

describe('judge', () => {
  it('keeps what is at its limit, breaks what is beyond', () => {
    const limits = [
      { figure: 'throughput', title: 'throughput', atLeast: 0.7 },
      { figure: 'memory', title: 'memory', atMost: 1.6 },
      { figure: 'spans', title: 'spans', atLeast: 1, atMost: 1 },
    ]

    const kept = judge(limits, { throughput: 0.7, memory: 1.6, spans: 1 })
    const broken = judge(limits, { throughput: 0.69, memory: 1.61, spans: 1.001 })

    assert.deepEqual(
      kept.map(({ state }) => state),
      ['ok', 'ok', 'ok'],
    )
    assert.deepEqual(
      broken.map(({ state }) => state),
      ['BROKEN', 'BROKEN', 'BROKEN'],
    )
  })

  it('tells what was not measured from what has no round that counts', () => {
    const limits = [
      { figure: 'left out', title: '', atLeast: 1 },
      { figure: 'void', title: '', atLeast: 1 },
    ]

    assert.deepEqual(
      judge(limits, { void: Number.NaN }).map(({ state }) => state),
      ['not measured', 'BROKEN'],
    )
  })
})

describe('budget.json', () => {
  it('limits figures that exist', () => {
    const { full, quick } = readBudget()
    const names = new Set(Object.keys(figuresOf(measuredOnce())))

    assert.deepEqual(
      [...full, ...quick].map(({ figure }) => figure).filter((figure) => !names.has(figure)),
      [],
    )
    for (const { atLeast, atMost, title } of [...full, ...quick]) {
      assert.ok(atLeast !== undefined || atMost !== undefined, title)
    }
  })
})

/** One round of everything. */
function measuredOnce(): Results {
  const variant = 'plainsight-lean'
  const counts = { spans: 1, logRecords: 1, lines: 1, observations: 1 }
  return {
    ...emptyResults(readSurroundings(true)),
    leavings: [{ variant, workload: 'root', perRequest: counts }],
    fullSpeed: [fullSpeedRound(variant, 'own', counts), fullSpeedRound(variant, 'slow', counts)],
    fixedRate: [
      {
        variant,
        round: 1,
        wantedPerSecond: 1,
        perSecond: 1,
        p50Millis: 1,
        p99Millis: 1,
        p999Millis: 1,
        cpuMicros: 1,
      },
    ],
    coldStarts: [{ variant, round: 1, millis: 1 }],
    outages: [
      {
        variant,
        perSecond: 1,
        seconds: 1,
        beforeBytes: 1,
        mostBytes: 1,
        afterBytes: 1,
        bytes: [],
        spans: undefined,
        logRecords: undefined,
        stopSeconds: 1,
        stderrBytes: 0,
      },
    ],
  }
}

function fullSpeedRound(variant: string, receiver: ReceiverKind, counts: Counts): FullSpeedRound {
  return {
    variant,
    workload: 'root',
    receiver,
    round: 1,
    turns: [{ perSecond: 1, busy: 1, isVoid: false, cpuMicros: 1, p50Millis: 1, p99Millis: 1 }],
    idleBytes: 1,
    loadedBytes: 1,
    stopSeconds: 1,
    asked: 1,
    loads: 1,
    requests: 1,
    counts,
    dropped: { spans: 0, logRecords: 0 },
  }
}
