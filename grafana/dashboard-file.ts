import { join } from 'node:path'

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

export interface DashboardFile {
  path: string
  text: string
}

const ourFolder = join(import.meta.dirname, 'dashboards')

/** The file that Grafana reads, named like the uid. */
export function dashboardFile(dashboard: Dashboard, folder = ourFolder): DashboardFile {
  return {
    path: join(folder, `${dashboard.uid}.json`),
    text: `${JSON.stringify(dashboard, inSight, 2)}\n`,
  }
}

/** The SDK puts every link and annotation into a menu that is closed at first. */
function inSight(key: string, value: unknown): unknown {
  return key === 'placement' && value === 'inControlsMenu' ? undefined : value
}
