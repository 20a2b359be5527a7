import { checkVariant } from './measures/check-variant.ts'
import { measureColdStart } from './measures/cold-start.ts'
import type { Context } from './measures/context.ts'
import { measureFixedRate } from './measures/fixed-rate.ts'
import { measureFullSpeed } from './measures/full-speed.ts'
import type { Contestant } from './measures/full-speed.ts'
import { measureOutage } from './measures/outage.ts'
import { median } from './figures/median.ts'
import { roundsOf } from './figures/rounds.ts'
import { turnByTurn } from './figures/turn-by-turn.ts'
import { matrixOf } from './options.ts'
import type { Options } from './options.ts'
import { programPath } from './programs.ts'
import type { ReceiverKind } from './receivers/receiver.ts'
import type { Results } from './results.ts'
import type { Variant } from './variants.ts'
import { workloadNamed } from './workloads.ts'
import type { Workload } from './workloads.ts'

export interface Step {
  label: string
  /** About, for the progress. */
  seconds: number
  run(): Promise<void>
}

const COLD_STARTS = 7
const FIXED_RATE_ROUNDS = 5
const FIXED_RATE_SECONDS = 8
const FIXED_RATE_WARM_UP_SECONDS = 4
// The main workload has more of them: it decides, and what is left to V8's compiler is charged to who has more code.
const OTHER_WARM_UP_TURNS = 4
const OUTAGE_PER_SECOND = 1500
const OUTAGE_WARM_UP_SECONDS = 10
// Half of what by-the-docs reaches on most machines, for runs that leave it out.
const USUAL_PER_SECOND = 9000

/** Everything that a run does, in order: rounds outside, variants inside, so that what is compared is measured side by side. */
export function planOf(options: Options, context: Context, results: Results): Step[] {
  const { parts } = options
  const checked = new Set<string>()
  const shorter = Math.max(1, Math.round((options.rounds * 2) / 3))
  return [
    ...options.variants.map((variant) => checkStep(variant)),
    ...repeated(options.rounds, (round) => mainRound(round)),
    ...(parts.has('workloads') ? repeated(shorter, (round) => otherWorkloads(round)) : []),
    ...(parts.has('fixed-rate') ? repeated(FIXED_RATE_ROUNDS, (round) => fixedRates(round)) : []),
    ...(parts.has('cold-start')
      ? repeated(options.quick ? 3 : COLD_STARTS, (round) => starts(round))
      : []),
    ...(parts.has('outage') ? matrixOf(options).filter(isObserved).map(outageStep) : []),
  ]

  function checkStep(variant: Variant): Step {
    const workloads = options.workloads.filter(
      ({ name }) => name === 'root' || matrixOf(options).includes(variant),
    )
    return {
      label: `check ${variant.name}`,
      seconds: variant.isObserved ? 3 + 1.5 * workloads.length : 2,
      async run() {
        results.leavings.push(...(await checkVariant(variant, workloads, context)))
        checked.add(variant.name)
      },
    }
  }

  function refuseUnchecked({ name }: Variant): void {
    if (!checked.has(name)) throw new Error(`${name} failed its check and is not measured`)
  }

  /** With nobody to receive beside those who answer, so that "down" is paired with "up". */
  function mainRound(round: number): Step[] {
    const root = workloadNamed('root')
    const matrix = matrixOf(options)
    const chosen =
      parts.has('full-speed') && options.workloads.includes(root) ? options.variants : []
    const hasReceivers = parts.has('receivers') && round <= shorter
    const observed = hasReceivers ? matrix.filter(isObserved) : []
    const contestants = [...withReceiver('own', chosen), ...withReceiver('down', observed)]
    // What takes much time and says one thing, once.
    const isFirst = hasReceivers && round === 1
    const hasReal = isFirst && programPath('otelcol-contrib') !== undefined
    return [
      ...(contestants.length > 0 ? [fullSpeed(contestants, root, round)] : []),
      ...(hasReal ? [fullSpeed(withReceiver('collector', matrix), root, round)] : []),
      // Alone, since each is to be stopped right after its last turn, when its batches are still on their way.
      ...withReceiver('slow', isFirst ? observed : []).map((contestant) =>
        fullSpeed([contestant], root, round),
      ),
    ]
  }

  function otherWorkloads(round: number): Step[] {
    return options.workloads
      .filter(({ name }) => name !== 'root')
      .map((workload) => fullSpeed(withReceiver('own', matrixOf(options)), workload, round))
  }

  function fullSpeed(contestants: Contestant[], workload: Workload, round: number): Step {
    const { seconds: turns } = options
    const warmUpTurns = workload.name === 'root' ? options.warmUpSeconds : OTHER_WARM_UP_TURNS
    const slowStops = contestants.filter(({ receiver }) => receiver === 'slow').length
    const each = 1.4 * (warmUpTurns + turns) + 2
    const kinds = [...new Set(contestants.map(({ receiver }) => receiver))].join(', ')
    return {
      label: `round ${round}: ${workload.name}, ${contestants.length} by turns, receivers ${kinds}`,
      seconds: each * contestants.length + 4 * slowStops,
      async run() {
        const able = contestants.filter(({ variant }) => checked.has(variant.name))
        const job = { contestants: able, workload, round, turns, warmUpTurns }
        const complaints = contestants
          .filter((contestant) => !able.includes(contestant))
          .map(({ variant }) => `${variant.name} failed its check`)
        for (const [index, settled] of (await measureFullSpeed(job, context)).entries()) {
          if (settled.status === 'fulfilled') results.fullSpeed.push(settled.value)
          else complaints.push(`${able[index]?.variant.name}: ${String(settled.reason)}`)
        }
        if (complaints.length > 0) throw new Error(complaints.join('; '))
      },
    }
  }

  function fixedRates(round: number): Step[] {
    return options.variants.map((variant) => ({
      label: `round ${round}: ${variant.name} at a fixed rate`,
      seconds: FIXED_RATE_SECONDS + FIXED_RATE_WARM_UP_SECONDS + 1.5,
      async run() {
        refuseUnchecked(variant)
        results.fixedRate.push(
          await measureFixedRate(
            {
              variant,
              round,
              perSecond: halfOfByTheDocs(results),
              warmUpSeconds: FIXED_RATE_WARM_UP_SECONDS,
              seconds: FIXED_RATE_SECONDS,
            },
            context,
          ),
        )
      },
    }))
  }

  function starts(round: number): Step[] {
    return options.variants.map((variant) => ({
      label: `round ${round}: cold start of ${variant.name}`,
      seconds: round === 1 ? 2 : 1,
      async run() {
        refuseUnchecked(variant)
        results.coldStarts.push(await measureColdStart(variant, round, context))
      },
    }))
  }

  function outageStep(variant: Variant): Step {
    const seconds = options.outageSeconds
    return {
      label: `${variant.name}: ${seconds} s without a collector`,
      seconds: seconds + OUTAGE_WARM_UP_SECONDS + 3,
      async run() {
        refuseUnchecked(variant)
        results.outages.push(
          await measureOutage(
            {
              variant,
              perSecond: OUTAGE_PER_SECOND,
              warmUpSeconds: OUTAGE_WARM_UP_SECONDS,
              seconds,
            },
            context,
          ),
        )
      },
    }
  }
}

function repeated(count: number, steps: (round: number) => Step[]): Step[] {
  return Array.from({ length: count }, (_, index) => steps(index + 1)).flat()
}

function withReceiver(receiver: ReceiverKind, variants: readonly Variant[]): Contestant[] {
  return variants.map((variant) => ({ variant, receiver }))
}

function isObserved(variant: Variant): boolean {
  return variant.isObserved
}

function halfOfByTheDocs(results: Results): number {
  const most = median(
    turnByTurn([roundsOf(results, { variant: 'by-the-docs' })], ({ perSecond }) => perSecond),
  )
  return Number.isNaN(most) ? USUAL_PER_SECOND : Math.round(most / 200) * 100
}
