import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { Context, Span } from '@opentelemetry/api'

const spanKey = keyOfSpans()

/** Has a span as soon as somebody asks for it. */
export interface SpanHolder {
  readonly span: Span
}

/**
 * What `trace.setSpan(parent, holder.span)` makes, without the span and the copy of a Map that most requests never look
 * into.
 */
export class SpanInContext implements Context {
  readonly #parent: Context
  readonly #holder: SpanHolder

  constructor(parent: Context, holder: SpanHolder) {
    this.#parent = parent
    this.#holder = holder
  }

  getValue(key: symbol): unknown {
    return key === spanKey ? this.#holder.span : this.#parent.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return trace.setSpan(this.#parent, this.#holder.span).setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return trace.setSpan(this.#parent, this.#holder.span).deleteValue(key)
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
