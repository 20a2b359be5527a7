import { createRequire } from 'node:module'

import { escapeControls } from './control-characters.ts'

/**
 * Turns a JSON log line into lines for a person at a terminal. pino-pretty prints strings as they are, so control
 * characters are made visible first: no text from a request can forge a line or drive the terminal.
 */
export function prettyPrinter(): (line: string) => string {
  // Loaded where there is somebody to read: thirty files, which a start without a terminal need not open.
  const { prettyFactory } = createRequire(import.meta.url)(
    'pino-pretty',
  ) as typeof import('pino-pretty')
  const pretty = prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'service,span_id',
    singleLine: true,
  })
  return (line) => pretty(visible(JSON.parse(line)))
}

function visible(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    // A stack is many lines by nature; pino-pretty indents them, so that none looks like a record.
    return key === 'stack'
      ? value.split('\n').map(escapeControls).join('\n')
      : escapeControls(value)
  }
  if (Array.isArray(value)) return value.map((item) => visible(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [escapeControls(name), visible(item, name)]),
  )
}
