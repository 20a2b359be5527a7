import { loadSync } from '@grpc/proto-loader'
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader'

export type Signal = 'traces' | 'logs'

export type ExportMethod = MethodDefinition<object, object>

const serviceNames = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
} as const satisfies Record<Signal, string>

/** The gRPC path of a signal's export call, with the functions that read and write its messages. */
export function exportMethod(signal: Signal): ExportMethod {
  const definitions = loadSync(`${signal}.proto`, {
    includeDirs: [import.meta.dirname],
    arrays: true,
    defaults: true,
    enums: String,
    longs: String,
    oneofs: true,
  })
  const service = definitions[serviceNames[signal]] as ServiceDefinition
  const method = service['Export']
  if (!method) throw new Error(`${signal}.proto defines no Export`)
  return method
}
