import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readCommandLine } from './command-line.ts'

describe('readCommandLine', () => {
  it('takes the file with two dashes or one, apart or with an equals sign', () => {
    for (const args of [
      ['--config', 'a.yaml'],
      ['--config=a.yaml'],
      ['-config', 'a.yaml'],
      ['-config=a.yaml'],
    ]) {
      assert.deepEqual(readCommandLine(args), { environment: { CONFIG_FILE: 'a.yaml' } })
    }
  })

  it('leaves the environment as it is without arguments', () => {
    assert.deepEqual(readCommandLine([]), { environment: {} })
  })

  it('tells the usage to whoever asks', () => {
    for (const arg of ['--help', '-help']) {
      const { ending } = readCommandLine([arg])

      assert.equal(ending?.code, 0)
      assert.match(ending.text, /^Usage: node src\/main\.ts --config FILE$/m)
    }
  })

  it('says what is wrong, and the usage, to whoever asks wrongly', () => {
    const wrong: [args: string[], complaint: RegExp][] = [
      [['--port=1'], /^Unknown option '--port'/],
      [['-x'], /^Unknown option '-x'/],
      [['stray'], /^Unexpected argument 'stray'/],
      [['--config'], /^Option '--config <value>' argument missing/],
      [['--config='], /^--config is empty/],
    ]
    for (const [args, complaint] of wrong) {
      const { environment, ending } = readCommandLine(args)

      assert.deepEqual(environment, {})
      assert.equal(ending?.code, 1)
      assert.match(ending.text, complaint)
      assert.match(ending.text, /^Usage: node src\/main\.ts --config FILE$/m)
    }
  })
})
