import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { dashboardFile } from '../../../grafana/dashboard-file.ts'
import { configuredRoutesDashboard } from './configured-routes.ts'

// Writes the JSON that Grafana reads, beside the TypeScript that it comes from. A test fails when the two differ.
const { text } = dashboardFile(configuredRoutesDashboard)
writeFileSync(join(import.meta.dirname, 'configured-routes.json'), text)
