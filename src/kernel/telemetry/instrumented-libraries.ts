const libraries = new Map<string, string[]>([
  // These wrap Node itself, or nothing.
  ...['aws-lambda', 'dns', 'fs', 'host-metrics', 'http', 'net', 'runtime-node', 'undici'].map(
    (suffix): [string, string[]] => [suffix, []],
  ),
  [
    'aws-sdk',
    [
      '@aws-sdk/middleware-stack',
      '@aws-sdk/smithy-client',
      '@smithy/core',
      '@smithy/middleware-stack',
      '@smithy/smithy-client',
    ],
  ],
  ['cucumber', ['@cucumber/cucumber']],
  ['grpc', ['@grpc/grpc-js']],
  ['hapi', ['@hapi/hapi']],
  ['nestjs-core', ['@nestjs/core']],
  ['pg', ['pg', 'pg-pool']],
  ['redis', ['@node-redis/client', '@redis/client', 'redis']],
])

/**
 * The packages that `@opentelemetry/instrumentation-{suffix}` wraps; most are named after theirs. A test compares this
 * with the instrumentations themselves.
 */
export function librariesOf(suffix: string): string[] {
  return libraries.get(suffix) ?? [suffix]
}
