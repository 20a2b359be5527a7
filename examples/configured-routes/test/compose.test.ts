import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

interface ComposeService {
  environment?: Record<string, string>
  volumes: string[]
  ports?: string[]
}

const repository = join(import.meta.dirname, '../../..')
const home = join(repository, 'examples/configured-routes')
const { services } = parse(readFileSync(join(home, 'compose.yml'), 'utf8')) as {
  services: Record<string, ComposeService>
}

describe('compose.yml', () => {
  it('mounts what is there, read-only, and the folder of the file that may be replaced', () => {
    const mounts = Object.values(services).flatMap(({ volumes }) => volumes)

    assert.equal(mounts.length, 4)
    for (const mount of mounts) {
      const [, source = ''] = /^\.\/(\S+):\/\S+:ro$/.exec(mount) ?? []
      assert.ok(existsSync(join(repository, source)) && source !== '', mount)
    }
    const { environment, volumes } = services['configured-routes'] ?? { volumes: [] }
    assert.deepEqual(volumes, ['./examples/configured-routes:/config:ro'])
    const file = environment?.['CONFIG_FILE']?.replace('/config', home) ?? ''
    assert.ok(existsSync(file), file)
  })

  it('says one port everywhere', () => {
    const { environment, ports } = services['configured-routes'] ?? {}
    const targets = readFileSync(join(home, 'prometheus/targets.yaml'), 'utf8')

    assert.equal(environment?.['PORT'], '3000')
    assert.deepEqual(ports, ['127.0.0.1:${CONFIGURED_ROUTES_PORT:-3001}:3000'])
    assert.deepEqual(parse(targets), [
      {
        targets: ['configured-routes:3000'],
        labels: { job: 'configured-routes', service_name: 'configured-routes' },
      },
    ])
  })
})

describe('a configuration file of the example', () => {
  it('opens with what it is and its trap', () => {
    const files = globSync(['*.{yml,yaml}', 'prometheus/*.yaml'], { cwd: home })

    assert.equal(files.length, 5)
    for (const file of files) {
      const [head = ''] = readFileSync(join(home, file), 'utf8').split(/\n(?!#)/)
      assert.match(head, /^# [^]*trap/i, file)
    }
  })
})
