import { writeFileSync } from 'node:fs'

import { dashboardFile } from '../../../grafana/dashboard-file.ts'
import { keyValueDashboard } from './dashboard.ts'

// Writes the JSON that Grafana reads beside the TypeScript that it comes from. A test fails when the two differ.
const { path, text } = dashboardFile(keyValueDashboard, import.meta.dirname)
writeFileSync(path, text)
