/** PromQL about requests. `by` are the labels kept, `where` the matchers, `over` the range of each rate. */
export interface Cut {
  where: string
  by?: string[]
  over?: string
}

const sinceLastStep = '$__rate_interval'

/** What the variables of a dashboard have chosen. */
export const chosen = 'job=~"$service", http_route=~"$route"'

export function requestRate(cut: Cut): string {
  return rateSum('http_server_request_duration_seconds_count', cut)
}

/** 5xx; 0, not nothing, where there is no failure. */
export function failureRate(cut: Cut): string {
  const failing = requestRate({
    ...cut,
    where: also(cut.where, 'http_response_status_code=~"5.."'),
  })
  return `(${failing} or 0 * ${requestRate(cut)})`
}

/** From 0 to 1; NaN where nothing is asked. */
export function failureShare(cut: Cut): string {
  return `${failureRate(cut)} / ${requestRate(cut)}`
}

export function durationQuantile(quantile: number, cut: Cut): string {
  const buckets = rateSum('http_server_request_duration_seconds_bucket', {
    ...cut,
    by: [...(cut.by ?? []), 'le'],
  })
  return `histogram_quantile(${quantile}, ${buckets})`
}

function rateSum(metric: string, { where, by = [], over = sinceLastStep }: Cut): string {
  const kept = by.length === 0 ? '' : ` by (${by.join(', ')}) `
  return `sum${kept}(rate(${metric}{${where}}[${over}]))`
}

function also(where: string, more: string): string {
  return where === '' ? more : `${where}, ${more}`
}
