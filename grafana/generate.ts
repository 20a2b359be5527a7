import { writeFileSync } from 'node:fs'

import { dashboardFile } from './dashboard-file.ts'
import { dashboards } from './dashboards.ts'

// Writes the JSON that Grafana reads beside the TypeScript that it comes from. A test fails when the two differ.
for (const dashboard of dashboards) {
  const { path, text } = dashboardFile(dashboard)
  writeFileSync(path, text)
}
