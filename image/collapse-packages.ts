// Makes one file of each package in collapsible.ts, in place: a start then opens 200 files of packages instead of 810. The
// Dockerfile calls it, and a test; docs/decisions/010-packages-in-one-file.md says why.
//
//   node image/collapse-packages.ts FOLDER     rewrites FOLDER/node_modules

import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join, resolve } from 'node:path'

import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'

import { collapsible, exceptions } from './collapsible.ts'

interface Manifest {
  type?: string
  main?: string
  exports?: Exports
}
type Exports = string | null | { [pathOrCondition: string]: Exports }

const modules = resolve(process.argv[2] ?? '.', 'node_modules')
const require = createRequire(join(modules, 'any.js'))

const names = globSync(collapsible, { cwd: modules }).filter((name) => !exceptions.includes(name))
for (const name of names) {
  const folder = join(modules, name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

  const imported = doorsOf(manifest, 'import').filter((file) => isModule(file, manifest))
  if (imported.length > 0) await collapseModules(folder, imported)

  const [required] = doorsOf(manifest, 'require').filter((file) => !isModule(file, manifest))
  if (required !== undefined) await collapseCommonJs(folder, required)
}
process.stdout.write(`${names.length} packages collapsed\n`)

/** All doors at once: what two of them share, they go on sharing. */
async function collapseModules(folder: string, doors: string[]): Promise<void> {
  const [extension = '', ...others] = new Set(doors.map((door) => extname(door)))
  if (others.length > 0) throw new Error(`${folder}: doors of several extensions`)
  await collapse({
    absWorkingDir: folder,
    entryPoints: doors,
    format: 'esm',
    splitting: true,
    outExtension: { '.js': extension },
  })
}

/** The main door only, because what is shared cannot be split off. */
async function collapseCommonJs(folder: string, door: string): Promise<void> {
  const exported = Object.keys(require(join(folder, door)) as object)
  await collapse({
    absWorkingDir: folder,
    entryPoints: [door],
    format: 'cjs',
    outExtension: { '.js': extname(door) },
    // Node reads from the text what `import { ... }` may ask for.
    footer: { js: `0 && (module.exports = { ${exported.filter(isIdentifier).join(', ')} })` },
  })
}

/** Nothing is minified or renamed: a stack is to be read. */
async function collapse(options: BuildOptions): Promise<void> {
  await build({
    ...options,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node26',
    outdir: '.',
    outbase: '.',
    allowOverwrite: true,
  })
}

/** The files that the outside may load, the main one first; what a pattern (`./locales/*`) offers stays as it is. */
function doorsOf({ main = 'index.js', exports = main }: Manifest, condition: string): string[] {
  const paths =
    typeof exports === 'object' && exports !== null && '.' in exports
      ? Object.entries(exports).filter(([path]) => !path.includes('*'))
      : [['.', exports] as const]
  const files = paths.flatMap(([, target]) => targetOf(target, condition) ?? [])
  return [...new Set(files)].filter((file) => /\.[cm]?js$/.test(file))
}

function targetOf(target: Exports, condition: string): string | undefined {
  if (typeof target !== 'object' || target === null) return target ?? undefined
  const match = Object.keys(target).find((key) => [condition, 'node', 'default'].includes(key))
  return match === undefined ? undefined : targetOf(target[match] ?? null, condition)
}

function isModule(file: string, { type }: Manifest): boolean {
  return file.endsWith('.mjs') || (type === 'module' && !file.endsWith('.cjs'))
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default'
}
