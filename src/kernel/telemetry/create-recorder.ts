import type { ByteSink } from './byte-sink.ts'
import { AccessLog } from './lean/access-log.ts'
import { leanRequestRecorder } from './lean/lean-request-recorder.ts'
import type { Logger } from './logger.ts'
import type { RecorderOptions } from './recorder-options.ts'
import type { RequestRecorder } from './request-recorder.ts'
import { standardRequestRecorder } from './standard-request-recorder.ts'
import type { Telemetry } from './telemetry.ts'

export interface CreateRecorderOptions extends RecorderOptions {
  serviceName: string
  /** Where finished JSON lines go; undefined where they are printed in another form. */
  lines: ByteSink | undefined
}

/** The recorder that the telemetry was started for. To be asked after that start. */
export function createRecorder(
  { sampler, lean }: Telemetry,
  options: CreateRecorderOptions,
): RequestRecorder {
  if (!lean) return standardRequestRecorder(options)
  const { lines, logger } = options
  return leanRequestRecorder({
    ...options,
    ...lean,
    sampler,
    accessLog:
      lines && lean.hasLogTemplates
        ? new AccessLog({
            lines,
            records: lean.logs,
            isEnabled: levelReader(logger, 'info'),
          })
        : undefined,
  })
}

/** Whether a level is wanted now. Each request asks, and pino takes longer to say than to be listened to. */
function levelReader(logger: Logger, level: string): () => boolean {
  let isWanted = logger.isLevelEnabled(level)
  logger.on('level-change', () => {
    isWanted = logger.isLevelEnabled(level)
  })
  return () => isWanted
}
