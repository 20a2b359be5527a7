// node src/main.ts --config routes.yaml
import { run } from 'plainsight/kernel'

import { readCommandLine } from './command-line.ts'
import { settings } from './settings.ts'

const { environment, ending } = readCommandLine(process.argv.slice(2))
if (ending) {
  const stream = ending.code === 0 ? process.stdout : process.stderr
  stream.write(`${ending.text}\n`)
  process.exit(ending.code)
}
Object.assign(process.env, environment)

await run({
  name: 'configured-routes',
  defaults: { PORT: '3000' },
  settings,
  load: () => import('./service.ts'),
})
