import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

import { startObserved, traceIdOf } from './support/observed-service.ts'

const page = readFileSync('docs/telemetry.md', 'utf8')
const emittedByLibraries = /^(process|nodejs)_/

describe('docs/telemetry.md', () => {
  it('names every metric that the service emits, with its labels, and no other', async () => {
    await using observed = await startObserved({ main: 'src/main.ts' })
    await fetch(`${observed.service.url}/healthz`)
    const text = await (await fetch(`${observed.service.url}/metrics`)).text()
    const emitted = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
      .map(([, name = '', kind = '']) => `${name} ${kind}`)
      .filter((metric) => !emittedByLibraries.test(metric))
    const samples = await observed.samples()

    const rows = [...page.matchAll(/^\| `([a-z_]+)` +\| (counter|gauge|histogram) +\|([^|]*)\|/gm)]
    const documented = rows
      .map(([, name = '', kind = '']) => `${name} ${kind}`)
      .filter((metric) => !emittedByLibraries.test(metric))
    assert.deepEqual(documented.toSorted(), emitted.toSorted())
    for (const [, name = '', , labels = ''] of rows) {
      const sample = samples.find((found) => found.name === name || found.name === `${name}_count`)
      if (!sample) continue
      assert.deepEqual(
        Object.keys(sample.labels).toSorted(),
        [...labels.matchAll(/`([^`]+)`/g)].map(([, label]) => label).toSorted(),
        name,
      )
    }
  })

  it('names every attribute of spans, resources and lines that the service emits', async () => {
    await using observed = await startObserved()
    const paths = ['/parcels/1?a=1', '/bug', '/unavailable', '/expected', '/nowhere']
    const emitted = new Set<string>()
    for (const path of paths) {
      const response = await fetch(`${observed.service.url}${path}`)
      const { span, accessLine } = await observed.telemetryOf(traceIdOf(response))
      const names = [
        ...Object.keys(span.attributes),
        ...Object.keys(span.resource),
        ...span.events.flatMap(({ attributes }) => Object.keys(attributes)),
        ...Object.keys(accessLine),
      ]
      for (const name of names) emitted.add(name)
    }

    assert.deepEqual(
      [...emitted].filter((name) => !page.includes(`\`${name}\``)),
      [],
    )
  })

  it('names every line that the kernel says of itself', async () => {
    await using observed = await startObserved()
    await observed.service.stop()

    const said = observed.service.lines
      .map(({ msg = '' }) => msg)
      .filter((msg) => !/^parcels/.test(msg))
    assert.ok(said.length >= 4)
    assert.deepEqual(
      said.filter((msg) => !page.includes(`\`${msg}\``)),
      [],
    )
  })
})
