import { getNumberFromEnv } from '@opentelemetry/core'
import type { SpanLimits } from '@opentelemetry/sdk-trace'

// More than any request of ours has by itself; the specification's default is 128.
const mostOwnAttributes = 32

/** The span limits of the environment, which the SDK reads for itself only. */
export function spanLimits(): SpanLimits {
  return withoutUndefined({
    attributeCountLimit: first('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLengthLimit: first(
      'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    ),
    eventCountLimit: first('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: first('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit: first(
      'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
      'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
    ),
    attributePerLinkCountLimit: first(
      'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
      'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
    ),
  })
}

/** Whether the attributes of an ordinary request's span stay as they are. */
export function spanLimitsAreWide(): boolean {
  const { attributeCountLimit, attributeValueLengthLimit } = spanLimits()
  return areWide(attributeCountLimit, attributeValueLengthLimit)
}

/** The same of its log record. */
export function logLimitsAreWide(): boolean {
  return areWide(
    first('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    first('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
  )
}

function areWide(count = Infinity, valueLength?: number): boolean {
  return count >= mostOwnAttributes && valueLength === undefined
}

function first(...names: string[]): number | undefined {
  return names.map((name) => getNumberFromEnv(name)).find((value) => value !== undefined)
}

function withoutUndefined<record extends object>(
  record: record,
): { [name in keyof record]?: Exclude<record[name], undefined> } {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as ReturnType<typeof withoutUndefined<record>>
}
