import { hostname } from 'node:os'

import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import type { Resource, ResourceDetector } from '@opentelemetry/resources'

import type { OtelSettings } from './otel-settings.ts'

const detectors = {
  env: envDetector,
  host: hostDetector,
  os: osDetector,
  process: processDetector,
  serviceinstance: serviceInstanceIdDetector,
} satisfies Record<string, ResourceDetector>

/** Who sends, complete: what has to be looked up first was. */
export async function detectResource(
  { serviceName, version }: { serviceName: string; version: string },
  { OTEL_NODE_RESOURCE_DETECTORS: names }: Pick<OtelSettings, 'OTEL_NODE_RESOURCE_DETECTORS'>,
): Promise<Resource> {
  const known = defaultResource().merge(
    resourceFromAttributes({
      'service.name': serviceName,
      'service.version': version,
      'host.name': hostname(),
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
    }),
  )
  const resource = known.merge(detectResources({ detectors: detectorsNamed(names) }))
  await resource.waitForAsyncAttributes?.()
  return resource
}

/** The SDK's own default also sends the command line and the user's name. */
function detectorsNamed(
  names: readonly (keyof typeof detectors | 'all' | 'none')[] = ['env', 'serviceinstance'],
): ResourceDetector[] {
  if (names.includes('all')) return Object.values(detectors)
  if (names.includes('none')) return []
  return Object.entries(detectors)
    .filter(([name]) => names.includes(name as keyof typeof detectors))
    .map(([, detector]) => detector)
}
