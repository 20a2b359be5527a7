// Both variants of ours: TELEMETRY_RECORDER says which recorder the kernel takes. No package.json here, so that
// `plainsight/kernel` and Hono are the repository's own.
import { run } from 'plainsight/kernel'

import { settings } from './settings.ts'

await run({ name: 'bench', settings, load: () => import('./service.ts') })
