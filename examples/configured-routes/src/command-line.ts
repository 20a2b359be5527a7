import { parseArgs } from 'node:util'

const usage = `Usage: node src/main.ts --config FILE

  --config FILE   the file of routes, YAML; wins over CONFIG_FILE
  --help          this text

All other settings are environment variables, see README.md.`

interface CommandLine {
  /** What the arguments say, as the variables that mean the same. */
  environment: Record<string, string>
  /** Set when there is nothing to run. */
  ending?: { code: 0 | 1; text: string }
}

export function readCommandLine(args: string[]): CommandLine {
  try {
    const { values } = parseArgs({
      // One dash does as well: node:util would read `-config` as six flags.
      args: args.map((arg) => arg.replace(/^-(?=(config|help)(=|$))/, '--')),
      options: { config: { type: 'string' }, help: { type: 'boolean' } },
    })
    if (values.help) return { environment: {}, ending: { code: 0, text: usage } }
    if (values.config === '') throw new Error('--config is empty')
    return { environment: values.config === undefined ? {} : { CONFIG_FILE: values.config } }
  } catch (error) {
    const text = `${(error as Error).message}\n\n${usage}`
    return { environment: {}, ending: { code: 1, text } }
  }
}
