import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { runToEnd, startService } from '../../../test/support/service-process.ts'
import { main } from './running-example.ts'

describe('the start', () => {
  let folder: string
  let good: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'configured-routes-'))
    good = await written('good.yaml', 'routes:\n  /a: b\n')
  })
  after(() => rm(folder, { recursive: true }))

  it('takes the file from --config, which wins over CONFIG_FILE', async () => {
    await using service = await startService({
      main,
      args: ['--config', good],
      env: { CONFIG_FILE: '/nowhere' },
    })

    const response = await fetch(`${service.url}/a`)
    assert.equal(await response.text(), 'Hello, You are at /a, Got: b')
  })

  it('listens on port 3000 unless told otherwise', async () => {
    // An address of this machine that nobody else uses, and a port that is given as none.
    await using service = await startService({
      main,
      env: { CONFIG_FILE: good, PORT: '', HOST: '127.0.30.30' },
    })

    assert.equal(service.port, 3000)
    const response = await fetch('http://127.0.30.30:3000/a')
    assert.equal(await response.text(), 'Hello, You are at /a, Got: b')
  })

  it('is not done without a file, and says how to give one', async () => {
    const { code, stderr } = await runToEnd({ main })

    assert.equal(code, 1)
    assert.match(stderr, /^ {2}CONFIG_FILE: no configuration file is given; say --config FILE/m)
  })

  it('is not done with arguments that it does not know', async () => {
    const { code, stderr } = await runToEnd({ main, args: ['--port', '1'] })

    assert.equal(code, 1)
    assert.match(stderr, /^Unknown option '--port'/)
    assert.match(stderr, /^Usage: node src\/main\.ts --config FILE$/m)
  })

  it('is not done with a file that is not there', async () => {
    const { code, stderr } = await runWith(join(folder, 'absent.yaml'))

    assert.equal(code, 1)
    assert.match(stderr, /^Cannot start: \S+absent\.yaml: there is no such file$/m)
  })

  it('is not done with a file that has mistakes, and tells all of them', async () => {
    const file = await written(
      'bad.yaml',
      'routes:\n  route1: a\n  /slow: {response: b, duration: soon}\n  /readyz: c\n',
    )
    const { code, stdout, stderr } = await runWith(file)

    assert.equal(code, 1)
    assert.match(stderr, /^Cannot start: /)
    for (const mistake of [
      `${file}:2:3: routes["route1"]: a path begins with a slash; write "/route1"`,
      `${file}:3:34: routes["/slow"].duration: expected a number of seconds from 0 to 86400, got "soon"`,
      `${file}:4:3: routes["/readyz"]: the service itself answers this path; choose another one`,
    ]) {
      assert.ok(stderr.includes(mistake), stderr)
    }
    assert.doesNotMatch(stdout, /"listening"/)
  })

  it('is not done with two passwords', async () => {
    const { code, stderr } = await runToEnd({
      main,
      env: { CONFIG_FILE: good, DB_PASS: 'a', DB_PASS_FILE: 'b' },
    })

    assert.equal(code, 1)
    assert.match(stderr, /^ {2}DB_PASS_FILE: expected to be the only one: DB_PASS is set, too$/m)
  })

  function runWith(file: string) {
    return runToEnd({ main, env: { CONFIG_FILE: file } })
  }

  async function written(name: string, yaml: string): Promise<string> {
    const file = join(folder, name)
    await writeFile(file, yaml)
    return file
  }
})
