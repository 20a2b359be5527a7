// What telemetry costs, measured: npm run bench, and npm run bench -- --quick. The README here tells what it does.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { judge, readBudget } from './budget/budget.ts'
import type { Verdict } from './budget/budget.ts'
import { figuresOf } from './figures/figures-of.ts'
import { installPackages } from './install-packages.ts'
import { openContext } from './measures/open-context.ts'
import { readOptions, usage } from './options.ts'
import type { Options } from './options.ts'
import { planOf } from './plan.ts'
import type { Step } from './plan.ts'
import { programOrThrow, programPath } from './programs.ts'
import { budgetLines } from './report/budget-lines.ts'
import { writeCharts } from './report/charts.ts'
import { summaryOf } from './report/summary.ts'
import { writeTables } from './report/tables.ts'
import { emptyResults } from './results.ts'
import type { Results } from './results.ts'
import { runPlan } from './run-plan.ts'
import { asInImage } from './servers/as-in-image.ts'
import { leaveTheServersCore } from './servers/cores.ts'
import { keepCoresAwake } from './servers/keep-cores-awake.ts'
import { readSurroundings } from './surroundings.ts'

const options = readOrLeave()
complainOfWhatIsMissing()
const budget = readBudget()
installPackages(options.variants, tell)
leaveTheServersCore()

const { results, failed } = await measure()
const verdicts = judge(options.quick ? budget.quick : budget.full, figuresOf(results))
if (!options.dryRun) write(results, verdicts)
for (const line of budgetLines(verdicts, results)) tell(line)
for (const { label } of failed) tell(`FAILED: ${label}`)
process.exitCode = failed.length > 0 || verdicts.some(({ state }) => state === 'BROKEN') ? 1 : 0

async function measure(): Promise<{ results: Results; failed: Step[] }> {
  using awake = keepCoresAwake()
  if (!awake)
    tell('idle cores may sleep (only root can keep them awake): slow variants look slower')
  const gathered = emptyResults(readSurroundings(awake !== undefined))
  const leastBusy = options.leastBusy ?? (options.quick ? budget.quickLeastBusy : 0.95)
  await using context = await openContext(leastBusy)
  using inImage = asInImage(options.variants, tell)
  const plan = planOf({ ...options, variants: inImage.variants }, context, gathered)
  const unable = await runPlan(plan, tell)
  return { results: gathered, failed: unable }
}

function write(measured: Results, judged: Verdict[]): void {
  const file = join(import.meta.dirname, 'results.json')
  writeFileSync(
    file,
    `${JSON.stringify({ ...measured, summary: summaryOf(measured), verdicts: judged }, null, 1)}\n`,
  )
  writeTables(measured, judged)
  writeCharts(measured)
}

function complainOfWhatIsMissing(): void {
  try {
    programOrThrow('taskset')
    programOrThrow('awk')
    programOrThrow('wrk')
    if (options.parts.has('fixed-rate') || options.parts.has('outage')) programOrThrow('oha')
  } catch (error) {
    leave((error as Error).message)
  }
  if (!existsSync('/proc/self/stat')) leave('the bench reads /proc, which only Linux has')
  if (options.parts.has('receivers') && programPath('otelcol-contrib') === undefined) {
    tell(
      'otelcol-contrib is neither on the PATH nor where PLAINSIGHT_BIN says: without the real collector, only with the own receiver',
    )
  }
}

function readOrLeave(): Options {
  try {
    const read = readOptions(process.argv.slice(2))
    if (!read.help) return read
    tell(usage)
    process.exit(0)
  } catch (error) {
    return leave(`${(error as Error).message}\n${usage}`)
  }
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}

function leave(complaint: string): never {
  process.stderr.write(`${complaint}\n`)
  process.exit(1)
}
