/** The public surface, imported as `plainsight/kernel`. */
export { ServiceError } from './errors.ts'
export type { Fault, ServiceErrorOptions } from './errors.ts'
export type { HealthCheck, HealthCheckOptions, HealthRegistry } from './health.ts'
export type { RequestBindings, Routes, RoutesSource } from './http/routes.ts'
export { run } from './run.ts'
export type { ServiceContext, ServiceDefinition, StartService } from './service.ts'
export type { MetricOptions, Metrics } from './telemetry/guarded-registry.ts'
export type { Logger } from './telemetry/logger.ts'
