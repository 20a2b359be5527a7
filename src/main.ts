import { run } from './kernel/index.ts'
import { settings } from './service/settings.ts'

await run({ name: 'greeting', settings, load: () => import('./service/service.ts') })
