import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard'
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat'

import { ask } from './question.ts'
import type { Question } from './question.ts'

interface OneNumber extends Omit<Question, 'width' | 'height'> {
  width?: number
  /** What 0 is called, where it has a name of its own. */
  zero?: string
  /** Shows the series' name, not its value: for what a label says. */
  name?: true
}

/** The latest value, large. */
export function oneNumber(question: OneNumber): PanelBuilder {
  const { width = 4, zero, nothing = 'no data', name } = question
  return ask(new PanelBuilder(), { ...question, nothing, width, height: 4 })
    .mappings([...(zero === undefined ? [] : [zeroIs(zero)]), notANumberIs(nothing)])
    .colorMode(BigValueColorMode.Value)
    .graphMode(name ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .textMode(name ? BigValueTextMode.Name : BigValueTextMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}

function zeroIs(text: string): ValueMapping {
  return { type: MappingType.ValueToText, options: { '0': { text, color: 'green' } } }
}

/** A share of nothing is NaN: not a good value, and not a bad one. */
function notANumberIs(text: string): ValueMapping {
  return {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NullAndNan, result: { text, color: 'text' } },
  }
}
