// Makes one file of the kernel, in place: a start then opens 130 sources less. The Dockerfile calls it, and a test;
// docs/decisions/010-packages-in-one-file.md says why.
//
//   node image/collapse-kernel.ts FOLDER     rewrites what package.json exports of FOLDER/src/kernel

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { build } from 'esbuild'

const folder = resolve(process.argv[2] ?? '.')
const { exports: doors } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
  exports: Record<string, string>
}

// Nothing is minified or renamed: a stack is to be read. It names the function, and the file by which the kernel is
// entered; in that, a comment above the function names the source.
await build({
  absWorkingDir: folder,
  entryPoints: Object.values(doors),
  bundle: true,
  // What both doors have in common they share, so that there is one of each class.
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.ts' },
  packages: 'external',
  platform: 'node',
  target: 'node26',
  outdir: '.',
  outbase: '.',
  chunkNames: 'src/kernel/[name]-[hash]',
  allowOverwrite: true,
})
process.stdout.write(`the kernel behind ${Object.values(doors).join(' and ')} collapsed\n`)
