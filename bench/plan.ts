import { checkVariant } from './measures/check-variant.ts'
import { measureColdStart } from './measures/cold-start.ts'
import type { Context } from './measures/context.ts'
import { measureFixedRate } from './measures/fixed-rate.ts'
import { measureFullSpeed } from './measures/full-speed.ts'
import { measureOutage } from './measures/outage.ts'
import { median } from './figures/median.ts'
import { validRounds } from './figures/rounds.ts'
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
const OUTAGE_PER_SECOND = 1500
const OUTAGE_WARM_UP_SECONDS = 10
// Half of what by-the-docs reaches on most machines, for runs that leave it out.
const USUAL_PER_SECOND = 9000

/** Everything that a run does, in order: rounds outside, variants inside, so that what is compared is measured side by side. */
export function planOf(options: Options, context: Context, results: Results): Step[] {
  const { parts } = options
  const checked = new Set<string>()
  const shorter = Math.max(1, Math.round(options.rounds * 0.6))
  return [
    ...options.variants.map((variant) => checkStep(variant)),
    ...roundsOf(options.rounds, (round) => mainRound(round)),
    ...(parts.has('workloads') ? roundsOf(shorter, (round) => otherWorkloads(round)) : []),
    ...(parts.has('fixed-rate') ? roundsOf(FIXED_RATE_ROUNDS, (round) => fixedRates(round)) : []),
    ...(parts.has('cold-start')
      ? roundsOf(options.quick ? 3 : COLD_STARTS, (round) => starts(round))
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

  /** With all receivers in the same round, so that "down" is paired with "up". */
  function mainRound(round: number): Step[] {
    const root = workloadNamed('root')
    const chosen =
      parts.has('full-speed') && options.workloads.includes(root) ? options.variants : []
    const others: ReceiverKind[] =
      parts.has('receivers') && round <= shorter ? ['down', 'slow'] : []
    const real = parts.has('receivers') && round <= shorter && programPath('otelcol-contrib')
    return [
      ...chosen.map((variant) => fullSpeed(variant, root, 'own', round)),
      ...(real
        ? matrixOf(options).map((variant) => fullSpeed(variant, root, 'collector', round))
        : []),
      ...others.flatMap((receiver) =>
        matrixOf(options)
          .filter(isObserved)
          .map((variant) => fullSpeed(variant, root, receiver, round)),
      ),
    ]
  }

  function otherWorkloads(round: number): Step[] {
    return options.workloads
      .filter(({ name }) => name !== 'root')
      .flatMap((workload) =>
        matrixOf(options).map((variant) => fullSpeed(variant, workload, 'own', round)),
      )
  }

  function fullSpeed(
    variant: Variant,
    workload: Workload,
    receiver: ReceiverKind,
    round: number,
  ): Step {
    const { seconds, warmUpSeconds } = options
    const stop = receiver === 'slow' ? 4 : 0
    return {
      label: `round ${round}: ${variant.name}, ${workload.name}, receiver ${receiver}`,
      seconds: seconds + warmUpSeconds + stop + 1.5,
      async run() {
        refuseUnchecked(variant)
        results.fullSpeed.push(
          await measureFullSpeed(
            { variant, workload, receiver, round, seconds, warmUpSeconds },
            context,
          ),
        )
      },
    }
  }

  function fixedRates(round: number): Step[] {
    return options.variants.map((variant) => ({
      label: `round ${round}: ${variant.name} at a fixed rate`,
      seconds: FIXED_RATE_SECONDS + options.warmUpSeconds + 1.5,
      async run() {
        refuseUnchecked(variant)
        results.fixedRate.push(
          await measureFixedRate(
            {
              variant,
              round,
              perSecond: halfOfByTheDocs(results),
              warmUpSeconds: options.warmUpSeconds,
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

function roundsOf(count: number, steps: (round: number) => Step[]): Step[] {
  return Array.from({ length: count }, (_, index) => steps(index + 1)).flat()
}

function isObserved(variant: Variant): boolean {
  return variant.isObserved
}

function halfOfByTheDocs(results: Results): number {
  const most = median(
    validRounds(results, { variant: 'by-the-docs' }).map(({ perSecond }) => perSecond),
  )
  return Number.isNaN(most) ? USUAL_PER_SECOND : Math.round(most / 200) * 100
}
