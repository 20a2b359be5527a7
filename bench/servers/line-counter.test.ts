import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'

import { countLines } from './line-counter.ts'

it('a line counter counts what comes through its pipe, and keeps the last line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'line-counter-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const { fd, counted } = countLines(folder)

  for (let line = 1; line <= 3000; line += 1) writeSync(fd, `{"line":${line},"ü":"\xff"}\n`)
  closeSync(fd)

  assert.deepEqual(await counted, { lines: 3000, lastLine: '{"line":3000,"ü":"ÿ"}' })
})

it('a line counter of which nobody wants anything counts none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'line-counter-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const { fd, counted } = countLines(folder)

  closeSync(fd)

  assert.deepEqual(await counted, { lines: 0, lastLine: '' })
})
