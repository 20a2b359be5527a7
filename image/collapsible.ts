/**
 * Packages of many small files that every start opens. None that is instrumented, for instrumentations know files by name
 * (a test compares); none that looks for files beside its own, as pino does. One that is missing here only starts slower.
 */
export const collapsible = ['@opentelemetry/*', 'prom-client', 'yaml', 'zod']

/** Little more than a list of instrumentations: the kernel reads it and loads them one by one. */
export const exceptions = ['@opentelemetry/auto-instrumentations-node']
