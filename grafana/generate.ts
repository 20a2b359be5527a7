import { writeFileSync } from 'node:fs'

import { dashboardFile } from './dashboard-file.ts'
import { dashboards } from './dashboards.ts'

// Writes the JSON that Grafana reads beside the TypeScript that it comes from. A test fails when the two differ.
for (const { path, text } of dashboards.map(dashboardFile)) writeFileSync(path, text)
