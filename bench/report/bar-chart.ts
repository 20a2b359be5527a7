export interface Bar {
  label: string
  value: number
  /** What is written at its end. */
  text: string
  /** Ours stand out. */
  isOurs: boolean
}

const width = 760
const labelWidth = 170
const textWidth = 130
const barHeight = 22
const rowHeight = 32
const headHeight = 44

/** Horizontal bars from zero, as SVG: text stays text, colours follow the reader's light or dark, on a ground of their own. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const height = headHeight + bars.length * rowHeight + 8
  const longest = Math.max(...bars.map(({ value }) => value))
  const scale = (width - labelWidth - textWidth) / longest
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 14px system-ui, sans-serif; fill: #24292f }
.ground { fill: #ffffff }
.title { font-weight: 600 }
.bar { fill: #8c959f }
.ours { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ground { fill: #0d1117 }
  .bar { fill: #6e7681 }
  .ours { fill: #3fb950 }
}
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
<text class="title" x="8" y="24">${escaped(title)}</text>
${bars.map((bar, index) => row(bar, headHeight + index * rowHeight, scale)).join('\n')}
</svg>
`
}

function row({ label, value, text, isOurs }: Bar, y: number, scale: number): string {
  const length = Math.max(1, value * scale)
  const baseline = y + 16
  return [
    `<text x="${labelWidth - 8}" y="${baseline}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="${isOurs ? 'ours' : 'bar'}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`,
    `<text x="${(labelWidth + length + 8).toFixed(1)}" y="${baseline}">${escaped(text)}</text>`,
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
