import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

import { settings } from '../src/settings.ts'
import { startSystem } from './support/key-value-service.ts'
import { redisMissing } from './support/redis-server.ts'

const example = join(import.meta.dirname, '..')
const readme = readFileSync(join(example, 'README.md'), 'utf8')

describe('README', () => {
  it('shows commands that answer what is printed', { skip: redisMissing }, async () => {
    await using system = await startSystem({ replicas: 0 })
    const examples = commands()

    assert.ok(examples.length > 10)
    for (const { command, answer } of examples) {
      const { stdout } = await promisify(execFile)('sh', [
        '-c',
        command.replaceAll('localhost:8082', new URL(system.url).host),
      ])
      const said = stdout.replaceAll(system.primary.name, 'localhost:6379')
      assert.equal(withoutChance(said), withoutChance(answer), command)
    }
  })

  it('has a command for every route', () => {
    const asked = commands().map(({ command }) => command)

    for (const route of ['/set', '/get', '-X PUT', '-X DELETE', '/keys/', '/openapi.json']) {
      assert.ok(
        asked.some((command) => command.includes(route)),
        route,
      )
    }
  })

  it('lists every setting with its default', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|/gm)]
    const listed = rows.map(([, name, fallback = '']) => [name, fallback])
    const defaults: Record<string, unknown> = settings.parse({})

    assert.deepEqual(
      listed,
      Object.keys(settings.shape).map((name) => [name, String(defaults[name] ?? '')]),
    )
  })

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)

    assert.ok(links.length > 5)
    for (const path of links) assert.ok(existsSync(join(example, path)), path)
  })
})

function commands(): { command: string; answer: string }[] {
  const blocks = [...readme.matchAll(/```console\n(.*?)```/gs)].map(([, block = '']) => block)
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const end = text.indexOf('\n')
        return { command: text.slice(0, end), answer: text.slice(end + 1) }
      }),
  )
}

function withoutChance(text: string): string {
  return text
    .replaceAll(/"redis_replication":"# Replication\\r\\nrole:(\w+)\\r\\n[^"]*"/g, 'told by $1')
    .replaceAll(/"trace_id":"[^"]*"/g, '"trace_id"')
    .replaceAll(/"time":"[^"]*","duration_ms":[\d.…]+/g, '"time"')
    .trimEnd()
}
