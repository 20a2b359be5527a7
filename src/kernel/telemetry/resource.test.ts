import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { describe, it } from 'node:test'

import { detectResource } from './resource.ts'

const service = { serviceName: 'parcels', version: '1.2.3' }

describe('detectResource', () => {
  it('tells who sends, and from where', async () => {
    const { attributes } = await detectResource(service, {})

    assert.partialDeepStrictEqual(attributes, {
      'service.name': 'parcels',
      'service.version': '1.2.3',
      'host.name': hostname(),
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'telemetry.sdk.language': 'nodejs',
    })
    assert.match(String(attributes['service.instance.id']), /^[0-9a-f-]{36}$/)
  })

  it('keeps command line and user to itself unless told', async () => {
    const quiet = await detectResource(service, {})
    const told = await detectResource(service, { OTEL_NODE_RESOURCE_DETECTORS: ['process'] })

    assert.equal('process.command_args' in quiet.attributes, false)
    assert.equal('process.command_args' in told.attributes, true)
    assert.equal('service.instance.id' in told.attributes, false)
  })

  it('knows all and none', async () => {
    const all = await detectResource(service, { OTEL_NODE_RESOURCE_DETECTORS: ['all'] })
    const none = await detectResource(service, { OTEL_NODE_RESOURCE_DETECTORS: ['none'] })

    assert.ok('os.type' in all.attributes && 'service.instance.id' in all.attributes)
    assert.equal('service.instance.id' in none.attributes, false)
    assert.equal(none.attributes['service.name'], 'parcels')
  })

  it('is complete: what had to be looked up was', async () => {
    const resource = await detectResource(service, { OTEL_NODE_RESOURCE_DETECTORS: ['host'] })

    assert.equal(resource.asyncAttributesPending ?? false, false)
    for (const value of Object.values(resource.attributes)) assert.notEqual(typeof value, 'object')
  })
})
