import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { Resource } from '@opentelemetry/resources'

import { logLimitsAreWide, spanLimits, spanLimitsAreWide } from '../attribute-limits.ts'
import type { Backlog } from '../backlog.ts'
import type { OtelSettings } from '../otel-settings.ts'
import { resourceBytes, scopeBytes } from '../otlp/encoding/envelope.ts'
import { BufferPool } from '../otlp/export/buffer-pool.ts'
import { ByteBudget } from '../otlp/export/byte-budget.ts'
import { createRecordBatches } from '../otlp/export/create-record-batches.ts'
import type { RecordBatches } from '../otlp/export/record-batches.ts'
import { samplesEveryRoot } from '../sampler.ts'
import type { SignalReport } from '../standard-pipelines.ts'
import type { Signal } from '../telemetry-metrics.ts'
import { EncodingLogRecordProcessor } from './encoding-log-record-processor.ts'
import { EncodingSpanProcessor } from './encoding-span-processor.ts'
import { FullSpans } from './full-spans.ts'

export interface LeanPipelineOptions {
  settings: OtelSettings
  resource: Resource
  reports: Record<Signal, SignalReport>
  onRejected(signal: Signal, count: number, reason: string): void
  /** For log records that are not ours. */
  otherLogProcessors: LogRecordProcessor[]
  /** What is not encoded yet. */
  backlog: Backlog
}

/** What is encoded by us, and how that leaves. */
export interface LeanPipeline {
  /** Undefined where nothing is exported. */
  spans: RecordBatches | undefined
  logs: RecordBatches | undefined
  fullSpans: FullSpans
  backlog: Backlog
  samplesEveryRoot: boolean
  hasSpanTemplates: boolean
  hasLogTemplates: boolean
  logProcessors: LogRecordProcessor[]
  flush(): Promise<void>
}

const scope = 'plainsight'

// A signal whose collector is away must leave the other, whose is not, enough to go on.
const largestShare = 0.75

export function leanPipeline(options: LeanPipelineOptions): LeanPipeline {
  const budget = new ByteBudget(options.settings.TELEMETRY_BUFFER_BYTES)
  const spans = recordBatches('spans', options, budget)
  const logs = recordBatches('logs', options, budget)
  return {
    spans,
    logs,
    fullSpans: new FullSpans(spanLimits(), spans ? [new EncodingSpanProcessor(spans)] : []),
    backlog: options.backlog,
    samplesEveryRoot: samplesEveryRoot(options.settings),
    hasSpanTemplates: spanLimitsAreWide(),
    hasLogTemplates: logLimitsAreWide(),
    logProcessors: logs
      ? [new EncodingLogRecordProcessor(scope, logs, options.otherLogProcessors)]
      : [],
    async flush() {
      options.backlog.settle()
      await Promise.all([spans?.flush(), logs?.flush()])
    },
  }
}

function recordBatches(
  signal: Signal,
  { settings, resource, reports, onRejected }: LeanPipelineOptions,
  budget: ByteBudget,
): RecordBatches | undefined {
  return createRecordBatches({
    signal,
    settings,
    pool: new BufferPool(budget.share(largestShare)),
    ...reports[signal],
    resourceBytes: resourceBytes(resource.attributes),
    scopeBytes: scopeBytes({ name: scope }),
    onRejected: (count, reason) => onRejected(signal, count, reason),
  })
}
