/** LogQL. Unmatched requests have no http_route on their lines, so the choice `unmatched` stands for none, too. */
const ofService = '{service_name=~"$service_name"}'
const ofRoute = 'http_route=~"$route"'

/** Lines of the chosen service and routes; with all routes, also those that are about no request. */
export const chosenLines = `${ofService} | ${ofRoute}`

/** What the search fields of the logs dashboard leave; an empty field leaves everything. */
export const foundLines = [
  `${ofService} |~ "(?i)$contains"`,
  'severity_text=~"$level"',
  ofRoute,
  'trace_id=~"$trace_id.*"',
].join(' | ')

export function countBy(label: string, lines: string, over: string): string {
  return `sum by (${label}) (count_over_time(${lines} [${over}]))`
}
