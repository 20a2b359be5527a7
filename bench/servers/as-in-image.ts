import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

import type { Variant } from '../variants.ts'
import { imageOptions } from './image-options.ts'

export interface InImage extends Disposable {
  variants: Variant[]
}

const repository = dirname(dirname(import.meta.dirname))

/**
 * The variants started in the image's way: all with what V8 compiled in an earlier life (their check is one), ours with the
 * image's options for Node and from a copy of the repository whose packages and kernel are collapsed as the Dockerfile does it.
 */
export function asInImage(variants: readonly Variant[], tell: (text: string) => void): InImage {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-bench-image-'))
  const copy = join(folder, 'repository')
  const options = imageOptions(readFileSync(join(repository, 'Dockerfile'), 'utf8'))
  if (variants.some(({ isOurs }) => isOurs)) copyRepository(copy, tell)
  return {
    variants: variants.map((variant) => ({
      ...variant,
      ...(variant.isOurs && { folder: join(copy, relative(repository, variant.folder)) }),
      environment: {
        ...variant.environment,
        ...(variant.isOurs && { NODE_OPTIONS: options }),
        NODE_COMPILE_CACHE: join(folder, 'compile-cache', variant.name),
      },
    })),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function copyRepository(copy: string, tell: (text: string) => void): void {
  tell('copy the repository and collapse its packages and kernel, as the image has them')
  const files = globSync('{package.json,src/**/*.ts,bench/variants/{,plainsight/}*.ts}', {
    cwd: repository,
  })
  for (const file of files) cpSync(join(repository, file), join(copy, file))
  // What esbuild writes anew must be no link to what is there.
  cpSync(join(repository, 'node_modules'), join(copy, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  for (const step of ['collapse-packages.ts', 'collapse-kernel.ts']) {
    execFileSync(process.execPath, [join(repository, 'image', step), copy])
  }
}
