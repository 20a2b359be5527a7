import { writeFileSync } from 'node:fs'

import { dashboardFile } from '../../../grafana/dashboard-file.ts'
import { configuredRoutesDashboard } from './configured-routes.ts'

// Writes the JSON that Grafana reads, beside the TypeScript that it comes from. A test fails when the two differ.
const { path, text } = dashboardFile(configuredRoutesDashboard, import.meta.dirname)
writeFileSync(path, text)
