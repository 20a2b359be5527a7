import { isSpanContextValid, trace } from '@opentelemetry/api'
import { pino } from 'pino'

import { escapeControlsInJson } from './control-characters.ts'
import { isoTime } from './iso-time.ts'
import { logRecordEmitter } from './log-record.ts'
import { prettyPrinter } from './pretty-printer.ts'
import { printable, redactRecord, redactText } from './redaction.ts'

export type Logger = pino.Logger

type CreateChild = (
  this: Logger,
  bindings: pino.Bindings,
  options?: pino.ChildLoggerOptions,
) => Logger

export interface LineDestination {
  write(line: string): void
  /** Asked after a fatal line: there may be no later. */
  flushSync?(): unknown
}

export interface LoggerOptions {
  /** `service.name`: on every line. */
  service: string
  level: string
  pretty: boolean
  /** Whether each record also goes to the OpenTelemetry Logs API. */
  otlp: boolean
  /** Default: stdout, one write a line. */
  destination?: LineDestination
}

/**
 * One JSON line a record, with the ids of the span it was written under. Secrets are taken out by name, at any depth,
 * before the line is made; the very same object then becomes the OTLP record, so neither copy is parsed again.
 */
export function createLogger(options: LoggerOptions): Logger {
  let timeMillis = 0
  const bindingsOf = new WeakMap<Logger, Record<string, unknown>>()
  const output: LineDestination = options.destination ?? pino.destination({ fd: 1, sync: true })
  const emit = options.otlp ? logRecordEmitter() : undefined
  const print = options.pretty ? prettyPrinter() : (line: string) => line

  // pino fills the `last…` fields before each write, because of the symbol.
  const destination = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    lastObj: {} as Record<string, unknown>,
    lastMsg: undefined as string | undefined,
    lastLogger: undefined as Logger | undefined,
    flushSync: () => output.flushSync?.(),
    write(line: string) {
      // Of this record: what the output does first may log, and so say all of this anew.
      const { lastLevel: level, lastObj, lastMsg, lastLogger } = this
      const at = timeMillis
      output.write(print(line))
      if (!emit) return
      const bindings = lastLogger && bindingsOf.get(lastLogger)
      emit({
        timeMillis: at,
        level,
        message: lastMsg === undefined ? undefined : redactText(lastMsg),
        fields: bindings ? { ...bindings, ...lastObj } : lastObj,
      })
    },
  }

  const logger = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp() {
        timeMillis = Date.now()
        return `,"time":"${isoTime(timeMillis)}"`
      },
      formatters: { level: (label) => ({ level: label }) },
      // Errors are plain data by then: redactRecord serializes them.
      serializers: { err: (error: unknown) => error, msg: redactText },
      mixin: activeSpanIds,
      mixinMergeStrategy: (record: object, ids: object) => ({
        ...withoutReserved(redactRecord(record)),
        ...ids,
      }),
      hooks: {
        // What is written into the text, `logger.info('%o', account)`, is no part of the record above.
        logMethod([first, ...values], method) {
          method.apply(this, [first, ...values.map(printable)] as Parameters<pino.LogFn>)
        },
        streamWrite: escapeControlsInJson,
      },
    },
    destination,
  )
  return withRedactedBindings(logger, bindingsOf)
}

/** Bindings skip pino's merge strategy, so they are redacted (and remembered) here. */
function withRedactedBindings(
  logger: Logger,
  bindingsOf: WeakMap<Logger, Record<string, unknown>>,
): Logger {
  // pino's type is generic in custom levels, which nobody here has.
  const createChild = logger.child as unknown as CreateChild
  const child: CreateChild = function child(bindings, options) {
    const safe = redactRecord(bindings)
    const instance = createChild.call(this, safe, options)
    bindingsOf.set(instance, { ...bindingsOf.get(this), ...safe })
    return instance
  }
  const setPinoBindings = logger.setBindings
  function setBindings(this: Logger, bindings: pino.Bindings): void {
    const safe = redactRecord(bindings)
    setPinoBindings.call(this, safe)
    bindingsOf.set(this, { ...bindingsOf.get(this), ...safe })
  }
  return Object.assign<Logger, { child: unknown; setBindings: unknown }>(logger, {
    child,
    setBindings,
  })
}

const reserved = ['level', 'time', 'service', 'trace_id', 'span_id']

/** JSON would have the key twice, and readers take the last: a record's own `time` goes by `time_`. */
function withoutReserved(record: Record<string, unknown>): Record<string, unknown> {
  if (!reserved.some((name) => name in record)) return record
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      reserved.includes(name) ? `${name}_` : name,
      value,
    ]),
  )
}

function activeSpanIds(): object {
  const span = trace.getActiveSpan()?.spanContext()
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {}
}
