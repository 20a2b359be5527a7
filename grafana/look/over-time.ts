import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

import { ask } from './question.ts'
import type { Question } from './question.ts'

interface OverTime extends Omit<Question, 'width' | 'height'> {
  width?: number
  height?: number
  /** For parts of a whole. */
  stacked?: boolean
  /** The top of the axis, where there is a natural one. */
  max?: number
}

/** Lines over time; limits are drawn as dashes. */
export function overTime(question: OverTime): PanelBuilder {
  const { width = 12, height = 8, stacked = false, max } = question
  const panel = ask(new PanelBuilder(), { ...question, width, height })
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    .showPoints(VisibilityMode.Never)
    .stacking(
      new StackingConfigBuilder()
        .mode(stacked ? StackingMode.Normal : StackingMode.None)
        .group('A'),
    )
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        question.limits ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      // oxlint-disable-next-line unicorn/no-array-sort -- a tooltip is no array
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
  return max === undefined ? panel : panel.max(max)
}
