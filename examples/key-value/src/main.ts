import { run } from 'plainsight/kernel'

import { settings } from './settings.ts'

await run({
  name: 'key-value',
  defaults: { PORT: '8082' },
  settings,
  load: () => import('./service.ts'),
})
