import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'

import { ask } from './question.ts'
import type { Question } from './question.ts'

interface Ranking extends Omit<Question, 'width' | 'height'> {
  width?: number
  height?: number
}

/** One bar a series, the longest for the largest. */
export function ranking(question: Ranking): PanelBuilder {
  const { width = 12, height = 6 } = question
  return ask(new PanelBuilder(), { ...question, width, height })
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}
