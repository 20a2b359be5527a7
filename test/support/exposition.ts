export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
  /** OpenMetrics only. */
  exemplar?: { labels: Record<string, string>; value: number }
}

/** The samples of a text exposition, of either format. */
export function samplesOf(exposition: string): Sample[] {
  return exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(sampleOf)
}

/** The sum of the samples of this name whose labels include these. */
export function valueOf(
  samples: Sample[],
  name: string,
  labels: Record<string, string> = {},
): number {
  return samples
    .filter((sample) => sample.name === name && hasLabels(sample, labels))
    .reduce((sum, { value }) => sum + value, 0)
}

export function hasLabels(sample: Sample, labels: Record<string, string>): boolean {
  return Object.entries(labels).every(([name, value]) => sample.labels[name] === value)
}

const labelSet = String.raw`\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}`
const samplePattern = new RegExp(
  String.raw`^([a-zA-Z_:][\w:]*)(?:${labelSet})? (\S+)(?: # ${labelSet} (\S+)(?: \S+)?)?$`,
)

function sampleOf(line: string): Sample {
  const match = samplePattern.exec(line)
  if (!match) throw new Error(`no sample: ${line}`)
  const [, name = '', labels = '', value = '', exemplarLabels, exemplarValue] = match
  return {
    name,
    labels: labelsOf(labels),
    value: Number(value),
    ...(exemplarLabels !== undefined && {
      exemplar: { labels: labelsOf(exemplarLabels), value: Number(exemplarValue) },
    }),
  }
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_escape, character: string) =>
        character === 'n' ? '\n' : character,
      ),
    ]),
  )
}
