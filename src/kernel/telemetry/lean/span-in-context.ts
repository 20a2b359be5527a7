import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { Context, Span } from '@opentelemetry/api'

const spanKey = keyOfSpans()

/** What `trace.setSpan(parent, span)` makes, without the copy of a Map that most requests never look into. */
export class SpanInContext implements Context {
  readonly #parent: Context
  readonly #span: Span

  constructor(parent: Context, span: Span) {
    this.#parent = parent
    this.#span = span
  }

  getValue(key: symbol): unknown {
    return key === spanKey ? this.#span : this.#parent.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return trace.setSpan(this.#parent, this.#span).setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return trace.setSpan(this.#parent, this.#span).deleteValue(key)
  }
}

/** The API keeps the key to itself, but says it to any context that it sets a span in. */
function keyOfSpans(): symbol | undefined {
  let said: symbol | undefined
  const listener: Context = {
    getValue: () => undefined,
    setValue(key) {
      said = key
      return ROOT_CONTEXT
    },
    deleteValue: () => ROOT_CONTEXT,
  }
  trace.setSpanContext(listener, { traceId: '', spanId: '', traceFlags: 0 })
  return said
}
