import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { stackProgram } from './stack-program.ts'

/** Fails with what promtool printed. */
export function promtool(...args: string[]): void {
  try {
    execFileSync(stackProgram('promtool'), args, { encoding: 'utf8' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    assert.fail(`promtool ${args.join(' ')}\n${stdout}${stderr}`)
  }
}

/** Every query in the runbooks' blocks of promql parses, and there are more than `atLeast`. */
export function checkRunbookQueries(files: string[], atLeast: number): void {
  const queries = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/```promql\n(.*?)```/gs)].flatMap(([, block = '']) =>
      block.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ),
  )
  const rules = queries.map((expr, index) => ({ record: `runbook_query_${index}`, expr }))
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-runbooks-'))
  try {
    const file = join(folder, 'queries.yaml')
    writeFileSync(file, stringify({ groups: [{ name: 'runbooks', rules }] }))

    assert.ok(queries.length >= atLeast, `${queries.length} queries`)
    promtool('check', 'rules', '--lint=none', file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `ServiceDown` -> `service-down.md`: where an alert's runbook is, in the folder of runbooks. */
export function runbookOf(alert: string): string {
  return `${alert.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()}.md`
}
