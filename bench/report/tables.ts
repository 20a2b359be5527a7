import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Verdict } from '../budget/budget.ts'
import type { Ledger, Outage } from '../measures/outage.ts'
import type { Results } from '../results.ts'
import { wholeMatrix } from '../variants.ts'
import { workloads } from '../workloads.ts'
import { limitText, valueText } from './budget-lines.ts'
import { decimals, markdownTable, mebibytes, share, whole, withSpread } from './format.ts'
import { rewriteMarked } from './rewrite-marked.ts'
import { summaryOf } from './summary.ts'
import type { FullSpeedSummary, Summary } from './summary.ts'

const readme = join(import.meta.dirname, '..', 'README.md')

/** Rewrites the tables between the marks of bench/README.md; those that nothing was measured for stay as they are. */
export function writeTables(results: Results, verdicts: readonly Verdict[]): void {
  const summary = summaryOf(results)
  const tables: Record<string, string | undefined> = {
    surroundings: surroundingsText(results),
    budget: budgetTable(verdicts),
    throughput: throughputTable(summary),
    workloads: workloadTable(summary),
    latency: latencyTable(summary),
    'cold-start': coldStartTable(summary),
    receivers: receiverTable(summary),
    outage: outageTable(results),
    leavings: leavingsTable(results),
  }
  const document = Object.entries(tables).reduce(
    (text, [name, table]) => (table === undefined ? text : rewriteMarked(text, name, table)),
    readFileSync(readme, 'utf8'),
  )
  writeFileSync(readme, document)
}

function surroundingsText({ surroundings, fullSpeed }: Results): string {
  const { startedAt, commit, machine, programs } = surroundings
  const turns = fullSpeed.flatMap((round) => round.turns)
  const voids = turns.filter(({ isVoid }) => isVoid).length
  const versions = Object.entries(programs).map(([name, version]) => `${name} ${version}`)
  const rounds = Math.max(0, ...fullSpeed.map(({ round }) => round))
  return [
    `Measured ${startedAt.slice(0, 10)} at commit ${commit}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, ${machine.areCoresKeptAwake ? 'idle cores kept awake' : 'idle cores free to sleep'}; ${versions.join('; ')}.`,
    `The main workload had ${rounds} rounds.`,
    voids === 0
      ? 'No turn was void.'
      : `${voids} of ${turns.length} turns were void and count for nothing.`,
  ].join('\n')
}

function budgetTable(verdicts: readonly Verdict[]): string {
  return markdownTable(
    ['measure', 'value', 'must', 'aim', ''],
    verdicts.map((verdict) => [
      verdict.title,
      valueText(verdict),
      limitText(verdict),
      verdict.aim ?? '',
      verdict.state,
    ]),
  )
}

function throughputTable({ fullSpeed }: Summary): string | undefined {
  const rows = fullSpeed.filter(
    ({ workload, receiver }) => workload === 'root' && receiver === 'own',
  )
  if (rows.length === 0) return undefined
  return markdownTable(
    [
      'variant',
      'requests/s',
      '× bare-node',
      '× bare-hono',
      'CPU µs a request',
      'above bare-hono',
      'p99 at that speed, ms',
      'MiB idle → after',
      'spans',
      'log records',
      'lines',
      'observations',
    ],
    rows.map((row) => [
      nameOf(row),
      whole(row.perSecond.median),
      decimals(row.toBareNode.median, 2),
      withSpread(row.toBareHono),
      decimals(row.cpuMicros.median, 1),
      withSpread(row.addedCpuMicros, 1),
      decimals(row.p99Millis.median, 1),
      `${mebibytes(row.idleBytes.median)} → ${mebibytes(row.loadedBytes.median)}`,
      ...deliveredCells(row),
    ]),
  )
}

function nameOf({ variant, voidTurns }: FullSpeedSummary): string {
  return voidTurns === 0 ? variant : `${variant} (${voidTurns} void)`
}

function deliveredCells({ delivered }: FullSpeedSummary): string[] {
  const { spans, logRecords, lines, observations } = delivered ?? {}
  return [spans, logRecords, lines, observations].map(share)
}

function workloadTable({ fullSpeed }: Summary): string | undefined {
  const own = fullSpeed.filter(({ receiver }) => receiver === 'own')
  const find = (name: string, variant: string) =>
    own.find((row) => row.workload === name && row.variant === variant)
  const others = wholeMatrix.filter((variant) => variant !== 'bare-hono')
  const rows = workloads.flatMap(({ name, title }) => {
    const bare = find(name, 'bare-hono')
    if (!bare) return []
    const cells = others.map((variant) => {
      const row = find(name, variant)
      return row
        ? `${withSpread(row.toBareHono)}, ${decimals(row.addedCpuMicros.median, 1)}, ${share(row.delivered?.spans)}`
        : '–'
    })
    return [[title, whole(bare.perSecond.median), decimals(bare.cpuMicros.median, 1), ...cells]]
  })
  if (rows.length === 0) return undefined
  return markdownTable(['workload', 'bare-hono, requests/s', 'CPU µs', ...others], rows)
}

function latencyTable({ fixedRate }: Summary): string | undefined {
  if (fixedRate.length === 0) return undefined
  return markdownTable(
    ['variant', 'asked for/s', 'answered/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'CPU µs a request'],
    fixedRate.map((row) => [
      row.variant,
      whole(row.wantedPerSecond),
      whole(row.perSecond.median),
      decimals(row.p50Millis.median, 2),
      withSpread(row.p99Millis, 1),
      withSpread(row.p999Millis, 1),
      decimals(row.cpuMicros.median, 1),
    ]),
  )
}

function coldStartTable({ coldStarts }: Summary): string | undefined {
  if (coldStarts.length === 0) return undefined
  return markdownTable(
    ['variant', 'ms', '× bare-node'],
    coldStarts.map(({ variant, millis, toBareNode }) => [
      variant,
      withSpread(millis, 0),
      withSpread(toBareNode),
    ]),
  )
}

const receiverTitles = {
  own: 'answers, 64 KiB windows',
  collector: 'the real collector',
  down: 'nobody listens',
  slow: 'takes 3 s an answer',
} as const

function receiverTable({ fullSpeed }: Summary): string | undefined {
  const rows = fullSpeed.filter(
    ({ workload, variant }) =>
      workload === 'root' && wholeMatrix.includes(variant) && variant !== 'bare-hono',
  )
  if (rows.length === 0) return undefined
  return markdownTable(
    [
      'variant',
      'receiver',
      'requests/s',
      '× bare-hono',
      'spans',
      'log records',
      'lines',
      'observations',
      'MiB after',
      'SIGTERM to exit, s',
    ],
    rows
      .toSorted((a, b) => a.variant.localeCompare(b.variant))
      .map((row) => {
        const [spans = '', logRecords = '', ...local] = deliveredCells(row)
        const arrives = row.receiver === 'own' || row.receiver === 'collector'
        return [
          nameOf(row),
          receiverTitles[row.receiver],
          whole(row.perSecond.median),
          withSpread(row.toBareHono),
          ...(arrives ? [spans, logRecords] : ['', '']),
          ...local,
          mebibytes(row.loadedBytes.median),
          withSpread(row.stopSeconds),
        ]
      }),
  )
}

function outageTable({ outages }: Results): string | undefined {
  if (outages.length === 0) return undefined
  return markdownTable(
    [
      'variant',
      'MiB before',
      'at most',
      'at the end',
      'spans: created = exported + dropped + waiting',
      'log records',
      'on stderr, bytes',
      'SIGTERM to exit, s',
    ],
    outages.map((outage: Outage) => [
      outage.variant,
      mebibytes(outage.beforeBytes),
      mebibytes(outage.mostBytes),
      mebibytes(outage.afterBytes),
      ledgerText(outage.spans),
      ledgerText(outage.logRecords),
      whole(outage.stderrBytes),
      decimals(outage.stopSeconds, 2),
    ]),
  )
}

function ledgerText(ledger: Ledger | undefined): string {
  if (!ledger) return 'it does not say'
  const { created, exported, dropped, waiting, unaccounted } = ledger
  const sum = [exported, dropped, waiting].map(whole).join(' + ')
  return `${whole(created)} = ${sum}${unaccounted === 0 ? '' : `, and ${whole(unaccounted)} in none of them`}`
}

function leavingsTable({ leavings }: Results): string | undefined {
  const rows = leavings.filter(({ workload }) => workload !== 'sampled')
  if (rows.length === 0) return undefined
  return markdownTable(
    ['variant', 'workload', 'spans', 'log records', 'lines', 'observations'],
    rows.map(({ variant, workload, perRequest }) => [
      variant,
      workload,
      ...[perRequest.spans, perRequest.logRecords, perRequest.lines, perRequest.observations].map(
        (count) => String(count),
      ),
    ]),
  )
}
