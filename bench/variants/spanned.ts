import type { Tracer } from '@opentelemetry/api'

/** Runs work in a child span of the active one. The tracer comes from the variant: versions must not mix. */
export function spanned(tracer: Tracer) {
  return function inChildSpan<T>(work: () => Promise<T>): Promise<T> {
    return tracer.startActiveSpan('look up the stock', async (span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    })
  }
}
