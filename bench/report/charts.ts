import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Results } from '../results.ts'
import { barChart } from './bar-chart.ts'
import { decimals, mebibytes, whole } from './format.ts'
import { summaryOf } from './summary.ts'

const folder = join(import.meta.dirname, '..', 'charts')

/** The pictures of the README; those that nothing was measured for stay as they are. */
export function writeCharts(results: Results): void {
  const { fullSpeed, fixedRate, coldStarts } = summaryOf(results)
  const main = fullSpeed.filter(
    ({ workload, receiver }) => workload === 'root' && receiver === 'own',
  )
  mkdirSync(folder, { recursive: true })

  write(
    'throughput',
    'GET /: requests a second on one core',
    main.map(({ variant, perSecond: { median } }) => ({
      variant,
      value: median,
      text: whole(median),
    })),
  )
  write(
    'added-cpu',
    'GET /: processor time a request above bare-hono, µs',
    main
      .filter(({ variant }) => !variant.startsWith('bare-'))
      .map(({ variant, addedCpuMicros: { median } }) => ({
        variant,
        value: median,
        text: decimals(median, 1),
      })),
  )
  write(
    'memory',
    'Resident memory after load, MiB',
    main.map(({ variant, loadedBytes: { median } }) => ({
      variant,
      value: median,
      text: mebibytes(median),
    })),
  )
  write(
    'latency',
    `p99 at ${whole(fixedRate[0]?.wantedPerSecond ?? 0)} requests a second, ms`,
    fixedRate.map(({ variant, p99Millis: { median } }) => ({
      variant,
      value: median,
      text: decimals(median, 1),
    })),
  )
  write(
    'cold-start',
    'From the spawn to the first answer, ms',
    coldStarts.map(({ variant, millis: { median } }) => ({
      variant,
      value: median,
      text: whole(median),
    })),
  )
}

function write(
  name: string,
  title: string,
  bars: { variant: string; value: number; text: string }[],
): void {
  const drawn = bars.filter(({ value }) => Number.isFinite(value))
  if (drawn.length === 0) return
  const chart = barChart(
    title,
    drawn.map(({ variant, value, text }) => ({
      label: variant,
      value: Math.max(0, value),
      text,
      isOurs: variant.startsWith('plainsight'),
    })),
  )
  writeFileSync(join(folder, `${name}.svg`), chart)
}
