import { Summary } from 'prom-client'

export interface SeriesGuardOptions {
  labelNames: readonly string[]
  maxSeries: number
  /** Called once a value that goes to the overflow series. */
  onOverflow(): void
}

type Labels = Record<string, string | number>
// prom-client takes labels first, or alone inside `{ labels, value, exemplarLabels }` where exemplars are on.
type Recording = (...values: unknown[]) => unknown

const overflow = 'overflow'
// The others (`startTimer`, `setToCurrentTime`) end in one of these.
const recordingMethods = ['inc', 'dec', 'set', 'observe', 'zero']

/**
 * Bounds the number of label combinations of a prom-client metric: those beyond `maxSeries` are recorded with every
 * label set to `overflow`. prom-client has no such limit, and a label that an attacker can choose takes down whoever
 * scrapes it. The metric is changed in place and returned.
 */
export function guardSeries<metric extends object>(
  metric: metric,
  { labelNames, maxSeries, onOverflow }: SeriesGuardOptions,
): metric {
  if (labelNames.length === 0) return metric

  const known = new Set<string>()
  const overflowLabels = Object.fromEntries(labelNames.map((name) => [name, overflow]))

  function keyOf(labels: Labels): string {
    return JSON.stringify(labelNames.map((name) => String(labels[name] ?? '')))
  }

  const overflowKey = keyOf(overflowLabels)

  function admitted(labels: Labels): Labels {
    const key = keyOf(labels)
    if (known.has(key) || key === overflowKey) return labels
    if (known.size < maxSeries) {
      known.add(key)
      return labels
    }
    onOverflow()
    return overflowLabels
  }

  function withLabels(first: unknown): unknown {
    if (typeof first !== 'object' || first === null) return first
    if ('labels' in first && typeof first.labels === 'object') {
      return { ...first, labels: admitted((first.labels ?? {}) as Labels) }
    }
    const isLabels = Object.keys(first).every((name) => labelNames.includes(name))
    return isLabels ? admitted(first as Labels) : first
  }

  const methods = metric as Record<string, Recording | undefined>
  for (const name of recordingMethods) {
    const record = methods[name]
    if (!record) continue
    methods[name] = (first, ...rest) => record.call(metric, withLabels(first), ...rest)
  }

  const bind = methods['labels']
  methods['labels'] = (...values) => bind?.call(metric, admitted(asLabels(values, labelNames)))

  const remove = methods['remove']
  methods['remove'] = (...values) => {
    known.delete(keyOf(asLabels(values, labelNames)))
    return remove?.apply(metric, values)
  }

  const reset = methods['reset']
  methods['reset'] = () => {
    // A summary keeps its series and only empties them.
    if (!(metric instanceof Summary)) known.clear()
    return reset?.call(metric)
  }
  return metric
}

/** `metric.labels('GET', '200')` and `metric.labels({ method: 'GET', status: '200' })` mean the same. */
function asLabels(values: unknown[], labelNames: readonly string[]): Labels {
  const [first] = values
  if (typeof first === 'object' && first !== null) return first as Labels
  return Object.fromEntries(labelNames.map((name, index) => [name, values[index] as string]))
}
