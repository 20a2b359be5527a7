import { parseArgs } from 'node:util'

import { variantNamed, variants, wholeMatrix } from './variants.ts'
import type { Variant } from './variants.ts'
import { workloadNamed, workloads } from './workloads.ts'
import type { Workload } from './workloads.ts'

export const parts = [
  'full-speed',
  'receivers',
  'workloads',
  'fixed-rate',
  'cold-start',
  'outage',
] as const
export type Part = (typeof parts)[number]

export interface Options {
  help: boolean
  quick: boolean
  variants: Variant[]
  workloads: Workload[]
  parts: Set<Part>
  /** Of measured load in one round, one a turn. */
  seconds: number
  /** Of the main workload, in turns as well. */
  warmUpSeconds: number
  /** Of the main workload; other workloads have two thirds of them. */
  rounds: number
  outageSeconds: number
  leastBusy: number | undefined
  /** Neither results nor README are touched. */
  dryRun: boolean
}

export const usage = `npm run bench -- [options]
  --quick                the main ratios only, under two minutes; writes nothing
  --variants a,b         of ${variants.map(({ name }) => name).join(', ')}
  --workloads a,b        of ${workloads.map(({ name }) => name).join(', ')}
  --parts a,b            of ${parts.join(', ')}
  --seconds 5            of measured load in a round, each a turn
  --rounds 3             of the main workload; the other workloads have two thirds of them
  --outage-seconds 60    without a collector
  --least-busy 0.95      the share of its core below which a server's turn is void
  --dry-run              writes nothing
  --help                 this
`

const quickVariants = [
  'bare-node',
  'bare-hono',
  'plainsight-standard',
  'plainsight-lean',
  'by-the-docs',
]

/** @throws with a sentence about the argument that is wrong */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      variants: { type: 'string' },
      workloads: { type: 'string' },
      parts: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      'outage-seconds': { type: 'string', default: '60' },
      'least-busy': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { quick } = values
  const leastBusy = values['least-busy']
  return {
    help: values.help,
    quick,
    variants:
      listOf(values.variants, variantNamed) ??
      (quick ? quickVariants.map(variantNamed) : [...variants]),
    workloads:
      listOf(values.workloads, workloadNamed) ?? (quick ? [workloadNamed('root')] : [...workloads]),
    parts: new Set(
      listOf(values.parts, partNamed) ?? (quick ? (['full-speed', 'cold-start'] as const) : parts),
    ),
    seconds: wholeNumber('--seconds', values.seconds ?? '5', 1, 60),
    // Less, and it is V8's compiler that is measured.
    warmUpSeconds: quick ? 6 : 10,
    rounds: wholeNumber('--rounds', values.rounds ?? (quick ? '1' : '3'), 1, 50),
    outageSeconds: wholeNumber('--outage-seconds', values['outage-seconds'], 1, 600),
    leastBusy: leastBusy === undefined ? undefined : amount('--least-busy', leastBusy, 0, 1),
    dryRun: values['dry-run'] || quick,
  }
}

/** Those that are measured with other workloads, too. */
export function matrixOf({ variants: chosen }: Options): Variant[] {
  return chosen.filter(({ name }) => wholeMatrix.includes(name))
}

function listOf<item>(text: string | undefined, named: (name: string) => item): item[] | undefined {
  return text?.split(',').map((name) => named(name.trim()))
}

function partNamed(name: string): Part {
  const found = parts.find((part) => part === name)
  if (found) return found
  throw new Error(`no part "${name}"; there are ${parts.join(', ')}`)
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = amount(name, text, least, most)
  if (Number.isInteger(value)) return value
  throw new Error(`${name}: expected a whole number, got "${text}"`)
}

function amount(name: string, text: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Error(`${name}: expected a number from ${least} to ${most}, got "${text}"`)
}
