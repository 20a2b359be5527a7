import { isWanted } from './exporters.ts'
import type { OtelSettings } from './otel-settings.ts'

export type RecorderKind = 'lean' | 'standard'

/**
 * Which request recorder is in use. Spans that are encoded early pass no span processor, so whoever has some gets the
 * standard one without asking: a service with its own, and the console exporter.
 */
export function recorderKind(settings: OtelSettings, hasOwnSpanProcessors: boolean): RecorderKind {
  const mustBeStandard =
    settings.OTEL_SDK_DISABLED ||
    hasOwnSpanProcessors ||
    isWanted(settings.OTEL_TRACES_EXPORTER, 'console')
  return mustBeStandard ? 'standard' : settings.TELEMETRY_RECORDER
}
