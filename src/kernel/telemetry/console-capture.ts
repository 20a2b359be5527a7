import { format } from 'node:util'

import type { Logger } from './logger.ts'
import { printable } from './redaction.ts'

const levels = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  trace: 'debug',
  dir: 'info',
  dirxml: 'info',
} as const

/**
 * Turns what libraries (and hurried people) print with `console` into log lines: stdout stays one JSON object a line,
 * and what was printed below a request carries its ids. An error that a request's own line tells is left
 * out: @hono/node-server prints a body that broke off, too.
 */
export function captureConsole(logger: Logger, willRecord: (error: Error) => boolean): void {
  for (const [method, level] of Object.entries(levels)) {
    const capture = (...values: unknown[]): void => {
      const [first] = values
      if (values.length === 1 && first instanceof Error) {
        if (!willRecord(first)) logger[level]({ err: first }, first.message)
      } else {
        logger[level](format(...values.map(printable)))
      }
    }
    Object.assign(console, { [method]: capture })
  }
}
