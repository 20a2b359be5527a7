import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

import { settings } from '../src/settings.ts'
import { startExample } from './running-example.ts'

const home = join(import.meta.dirname, '..')
const readme = readFileSync(join(home, 'README.md'), 'utf8')
const sample = readFileSync(join(home, 'routes.yaml'), 'utf8')

/** What stands after `$ `, and the lines that follow it. */
const examples = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...answer] = text.trimEnd().split('\n')
      return { command, answer: answer.join('\n') }
    }),
)

describe('README', () => {
  it('shows what really happens, from the first command to the last', async () => {
    await using example = await startExample(sample, () => ({ DB_PASS: 'pass123' }))
    const address = example.url.replace('http://', '')

    assert.ok(examples.length > 15)
    for (const { command, answer } of examples) {
      const { stdout } = await promisify(execFile)(
        'bash',
        // The file is looked at much more often here, so that a second is long enough.
        ['-c', command.replaceAll('localhost:3000', address).replace('sleep 3', 'sleep 1')],
        { cwd: example.folder },
      )
      const printed = stdout
        .replaceAll(address, 'localhost:3000')
        .replaceAll(`${example.folder}/`, '')
      assert.equal(lasting(printed.trimEnd()), lasting(answer), command)
    }
  })

  it('runs every curl that it names', () => {
    const run = examples.map(({ command }) => command.match(/\bcurl /g)?.length ?? 0)

    assert.equal(
      readme.match(/\bcurl /g)?.length,
      run.reduce((sum, count) => sum + count, 0),
    )
  })

  it('lists every setting with its default', () => {
    const defaults: Record<string, unknown> = settings.parse({ CONFIG_FILE: 'x' })
    for (const name of Object.keys(settings.shape)) {
      const [, given] = new RegExp(`^\\| \`${name}\` \\| ([^|]*) \\|`, 'm').exec(readme) ?? []
      const actual = name === 'CONFIG_FILE' ? undefined : defaults[name]
      if (actual !== undefined) assert.equal(given, `\`${String(actual)}\``, name)
      else assert.ok(readme.includes(`| \`${name}\` |`), name)
    }
  })

  it('names every metric of its own, and no other', async () => {
    await using example = await startExample(sample)
    const emitted = (await example.samples())
      .map(({ name }) => name)
      .filter((name) => name.startsWith('config_'))
    const named = [...readme.matchAll(/^\| `(config_\w+)/gm)].map(([, name = '']) => name)

    assert.deepEqual(new Set(named), new Set(emitted))
  })

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)

    assert.ok(links.length >= 3)
    for (const path of links) assert.ok(existsSync(join(home, path)), path)
  })
})

/** Without ids, times and hashes, which are others each time. */
function lasting(text: string): string {
  return text
    .replaceAll(/[\da-f]{32}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/"duration_ms":[\d.]+/g, 'DURATION')
    .replaceAll(/^(200) \d+\.\d+$/gm, '$1 SECONDS')
    .replaceAll(/seconds \d+(\.\d+)?$/gm, 'seconds TIMESTAMP')
    .replaceAll(/hash="[\da-f]{12}"/g, 'HASH')
}
