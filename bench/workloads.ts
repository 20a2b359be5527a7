import { join } from 'node:path'

import { answers, receiptOf, streamChunks } from './variants/answers.ts'
import type { Order } from './variants/answers.ts'

export interface Workload {
  name: string
  title: string
  method: 'GET' | 'POST'
  /** The one that is asked when answers are checked, and by whatever cannot vary it. */
  path: string
  body?: string
  /** For wrk, where one path is not enough. */
  script?: string
  status: number
  /** Undefined where every framework words its own. */
  answer: string | undefined
  /** For the variants with telemetry. */
  environment: Record<string, string>
}

/** About 2 KiB of JSON. */
export const order: Order = {
  customer: 'c-1029',
  items: Array.from({ length: 52 }, (_, index) => ({
    sku: `sku-${1000 + index}`,
    quantity: index,
  })),
}

const plain = { method: 'GET', status: 200, environment: {} } as const

export const workloads: readonly Workload[] = [
  { ...plain, name: 'root', title: '`GET /`', path: '/', answer: answers.root },
  {
    ...plain,
    name: 'healthz',
    title: '`GET /healthz`, a counter and a log line',
    path: '/healthz',
    answer: answers.healthz,
  },
  {
    ...plain,
    name: 'users',
    title: '`GET /users/:id`, a million paths',
    path: '/users/42',
    script: scriptNamed('distinct-paths'),
    answer: JSON.stringify({ id: '42' }),
  },
  {
    ...plain,
    name: 'echo',
    title: '`POST /echo`, 2 KiB of JSON',
    method: 'POST',
    path: '/echo',
    body: JSON.stringify(order),
    script: scriptNamed('post'),
    answer: JSON.stringify(receiptOf(order)),
  },
  {
    ...plain,
    name: 'busy',
    title: '`GET /busy`, 3 log lines, a child span, a `fetch`',
    path: '/busy',
    answer: 'in stock\n',
  },
  {
    ...plain,
    name: 'stream',
    title: '`GET /stream`, a body in 8 pieces',
    path: '/stream',
    answer: streamChunks.join(''),
  },
  {
    ...plain,
    name: 'fail',
    title: '`GET /fail`, 500',
    path: '/fail',
    status: 500,
    answer: undefined,
  },
  {
    ...plain,
    name: 'sampled',
    title: '`GET /`, 10 % sampled',
    path: '/',
    answer: answers.root,
    environment: {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
    },
  },
]

export function workloadNamed(name: string): Workload {
  const found = workloads.find((workload) => workload.name === name)
  if (found) return found
  throw new Error(
    `no workload "${name}"; there are ${workloads.map((workload) => workload.name).join(', ')}`,
  )
}

function scriptNamed(name: string): string {
  return join(import.meta.dirname, 'load', `${name}.lua`)
}
