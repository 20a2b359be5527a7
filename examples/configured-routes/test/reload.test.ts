import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'node:test'

import { hasLabels, valueOf } from '../../../test/support/exposition.ts'
import type { Sample } from '../../../test/support/exposition.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { isUnderWay, startExample } from './running-example.ts'
import type { Example } from './running-example.ts'

describe('a change of the file', () => {
  it('takes effect without a request lost, however the file is changed', async () => {
    await using example = await startExample(routes('0'))
    await using load = startLoad(`${example.url}/route`)
    const { file, folder } = example

    await example.write(routes('1'))
    await load.sees('1')

    // As an editor does.
    await writeFile(join(folder, 'routes.yaml.new'), routes('2'))
    await rename(join(folder, 'routes.yaml.new'), file)
    await load.sees('2')

    // As Kubernetes does: file -> ..data/file, ..data -> ..1, and then ..2.
    await swapConfigMap(folder, '3')
    await unlink(file)
    await symlink(join('..data', 'routes.yaml'), file)
    await load.sees('3')
    await swapConfigMap(folder, '4')
    await load.sees('4')

    const { answers, failures } = await load.end()
    assert.deepEqual(failures, [])
    assert.ok(answers > 100, `${answers}`)
  })

  it('adds and takes away routes', async () => {
    await using example = await startExample('routes: {/a: a}')
    await example.write('routes: {/b: b}')
    await untilTaken(example, 2)

    assert.equal((await fetch(`${example.url}/a`)).status, 404)
    assert.equal((await fetch(`${example.url}/b`)).status, 200)
    assert.equal(valueOf(await example.samples(), 'config_routes'), 1)
  })

  it('leaves a request that is under way with the route that it found', async () => {
    await using example = await startExample('routes: {/a: {response: old, duration: 1.5}}')
    const answer = fetch(`${example.url}/a`)
    await example.until('under way', isUnderWay)

    await example.write('routes: {/b: new}')
    await untilTaken(example, 2)

    assert.equal((await fetch(`${example.url}/a`)).status, 404)
    assert.equal(await (await answer).text(), 'Hello, You are at /a, Got: old')
  })
})

describe('a file with a mistake', () => {
  it('changes nothing, is told of once, and is forgotten when the mistake is mended', async () => {
    await using example = await startExample(routes('good'))
    const before = await example.samples()
    const [hash] = hashesOf(before)
    assert.equal(valueOf(before, 'config_reload_success'), 1)

    await example.write('routes:\n  route: bad\n')
    const reason = `${example.file}:2:3: routes["route"]: a path begins with a slash; write "/route"`
    await example.until('refused', (samples) => valueOf(samples, 'config_reload_success') === 0)

    assert.equal(await textOf(example), 'Hello, You are at /route, Got: good')
    const refused = await example.samples()
    assert.deepEqual(hashesOf(refused), [hash])
    assert.equal(valueOf(refused, 'config_reloads_total', { outcome: 'refused' }), 1)
    const readiness = await untilReadiness(example, 'fail')
    assert.equal(readiness.status, 200)
    assert.partialDeepStrictEqual(readiness.report, {
      status: 'ready',
      checks: [{ name: 'configuration', state: 'fail', critical: false, error: reason }],
    })

    // For ten further looks.
    await sleep(500)
    const lines = example.service.lines.filter(({ msg }) =>
      msg?.startsWith('configuration refused'),
    )
    assert.deepEqual(
      lines.map(({ level, reason: told, file }) => [level, told, file]),
      [['warn', reason, example.file]],
    )

    await example.write(routes('mended'))
    await untilTaken(example, 2)
    assert.equal(await textOf(example), 'Hello, You are at /route, Got: mended')
    const after = await example.samples()
    assert.equal(valueOf(after, 'config_reload_success'), 1)
    assert.equal(hashesOf(after).length, 1)
    assert.notDeepEqual(hashesOf(after), [hash])
    const timestamp = 'config_last_reload_success_timestamp_seconds'
    assert.ok(valueOf(after, timestamp) > valueOf(before, timestamp))
    assert.equal((await untilReadiness(example, 'pass')).status, 200)
  })

  it('is forgotten, too, when the old file comes back', async () => {
    await using example = await startExample(routes('good'))
    await example.write('routes: [')
    await example.until('refused', (samples) => valueOf(samples, 'config_reload_success') === 0)

    await example.write(routes('good'))

    await example.until('mended', (samples) => valueOf(samples, 'config_reload_success') === 1)
  })
})

describe('a file that disappears', () => {
  it('leaves its routes', async () => {
    await using example = await startExample(routes('good'))

    await rm(example.file)
    await example.until('refused', (samples) => valueOf(samples, 'config_reload_success') === 0)

    assert.equal(await textOf(example), 'Hello, You are at /route, Got: good')
    const { report } = await untilReadiness(example, 'fail')
    const error = `${example.file}: there is no such file`
    assert.partialDeepStrictEqual(report, { checks: [{ name: 'configuration', error }] })
  })
})

function routes(text: string): string {
  return `routes:\n  /route: "${text}"\n`
}

async function textOf({ url }: Example): Promise<string> {
  return (await fetch(`${url}/route`)).text()
}

function hashesOf(samples: Sample[]): (string | undefined)[] {
  return samples.filter(({ name }) => name === 'config_info').map(({ labels }) => labels['hash'])
}

function untilTaken(example: Example, times: number): Promise<void> {
  return example.until(`taken up ${times} times`, (samples) =>
    samples.some(
      (sample) =>
        sample.name === 'config_reloads_total' &&
        hasLabels(sample, { outcome: 'taken' }) &&
        sample.value === times,
    ),
  )
}

/** The probe's result is a second old at most. */
async function untilReadiness({ service }: Example, state: string) {
  const deadline = performance.now() + 10_000
  for (;;) {
    const response = await fetch(`${service.opsUrl}/readyz`)
    const report = (await response.json()) as { checks: { state: string }[] }
    if (report.checks[0]?.state === state) return { status: response.status, report }
    if (performance.now() > deadline) throw new Error(`never ${state}: ${JSON.stringify(report)}`)
    await sleep(20)
  }
}

async function swapConfigMap(folder: string, text: string): Promise<void> {
  const version = `..version-${text}`
  await mkdir(join(folder, version))
  await writeFile(join(folder, version, 'routes.yaml'), routes(text))
  await symlink(version, join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
}

/** Four callers who ask without a pause. Whatever is not the answer of a version is a failure. */
function startLoad(url: string) {
  const ending = new AbortController()
  const versions = new Set<string>()
  const failures: string[] = []
  let answers = 0

  async function ask(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const response = await fetch(url)
        const body = await response.text()
        const [, version] = /^Hello, You are at \/route, Got: (\d)$/.exec(body) ?? []
        if (response.status === 200 && version !== undefined) versions.add(version)
        else failures.push(`${response.status} ${body}`)
        answers += 1
      } catch (error) {
        failures.push(String(error))
      }
    }
  }

  const callers = Promise.all([ask(), ask(), ask(), ask()])
  async function end() {
    ending.abort()
    await callers
    return { answers, failures }
  }
  return {
    sees: (version: string) =>
      waitUntil(
        () => versions.has(version),
        10_000,
        () => `${version} never answers, only ${[...versions].join(' ')}`,
      ),
    end,
    async [Symbol.asyncDispose]() {
      await end()
    },
  }
}
