// Loaded by --import before the service. @hono/otel makes the server span, so no instrumentation of node:http: both
// together would leave two. pino's sends the lines, undici's traces outgoing requests.
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  // Metrics are @hono/prometheus' here: sending them twice would be no fair comparison.
  metricReaders: [],
  instrumentations: [new PinoInstrumentation(), new UndiciInstrumentation()],
})
sdk.start()

process.once('SIGTERM', () => {
  sdk
    .shutdown()
    .catch(() => {})
    .finally(() => process.exit(0))
})
