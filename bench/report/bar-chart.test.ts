import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { barChart } from './bar-chart.ts'

const bars = [
  { label: 'bare', value: 100, text: '100', isOurs: false },
  { label: 'ours', value: 80, text: '80', isOurs: true },
]

describe('barChart', () => {
  it('draws bars in proportion, ours in a colour of their own', () => {
    const widths = [
      ...barChart('requests', bars).matchAll(/class="(bar|ours)".* width="([\d.]+)"/g),
    ]

    const [[, first, long], [, second, short]] = widths as unknown as string[][] as [
      string[],
      string[],
    ]
    assert.deepEqual([first, second], ['bar', 'ours'])
    assert.equal(Number(short) / Number(long), 0.8)
  })

  it('keeps text as text, escaped', () => {
    const chart = barChart('a < b & "c"', bars)

    assert.match(chart, />a &lt; b &amp; &quot;c&quot;<\/text>/)
    assert.match(chart, />100<\/text>/)
  })

  it('can be read in the light and in the dark', () => {
    assert.match(barChart('requests', bars), /prefers-color-scheme: dark/)
  })
})
