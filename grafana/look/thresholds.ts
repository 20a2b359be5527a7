import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'

/** From where on a value is a warning, and from where on it is bad; either may be left out. */
export interface Limits {
  warning?: number
  bad?: number
}

/** Green below the limits; with none there is no good and bad, so no green either. */
export function thresholds({ warning, bad }: Limits): ThresholdsConfigBuilder {
  const judged = warning !== undefined || bad !== undefined
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: judged ? 'green' : 'blue' },
      ...(warning === undefined ? [] : [{ value: warning, color: 'orange' }]),
      ...(bad === undefined ? [] : [{ value: bad, color: 'red' }]),
    ])
}
