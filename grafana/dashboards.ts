import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { homeDashboard } from './dashboards/home.ts'
import { logsDashboard } from './dashboards/logs.ts'
import { runtimeDashboard } from './dashboards/runtime.ts'
import { serviceDashboard } from './dashboards/service.ts'
import { telemetryPipelineDashboard } from './dashboards/telemetry-pipeline.ts'

/** All that `generate.ts` writes, and that tests ask. */
export const dashboards: Dashboard[] = [
  homeDashboard,
  serviceDashboard,
  runtimeDashboard,
  telemetryPipelineDashboard,
  logsDashboard,
]
