import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'

export interface Link {
  title: string
  url: string
}

/** Carries the time range along; `variables` are `${name:queryparam}` or `var-name=value`. */
export function linkTo(uid: string, title: string, ...variables: string[]): Link {
  return { title, url: `/d/${uid}?${['${__url_time_range}', ...variables].join('&')}` }
}

export function linkBuilder({ title, url }: Link): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url)
}

const dashboards = [
  { uid: 'home', title: 'Home' },
  { uid: 'service', title: 'Service' },
  { uid: 'runtime', title: 'Runtime' },
  { uid: 'telemetry-pipeline', title: 'Telemetry pipeline' },
  { uid: 'logs', title: 'Logs' },
]

/** The line under a dashboard's title that leads to all others, with time range and variables. */
export function navigation(fromUid: string): DashboardLinkBuilder[] {
  return dashboards
    .filter(({ uid }) => uid !== fromUid)
    .map(({ uid, title }) =>
      linkBuilder({ title, url: `/d/${uid}` })
        .icon('dashboard')
        .keepTime(true)
        .includeVars(true),
    )
}
