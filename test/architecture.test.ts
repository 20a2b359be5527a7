import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const sources = globSync(['src/**/*.ts', 'test/fixtures/**/*.ts', 'examples/*/src/**/*.ts']).filter(
  (file) => !file.endsWith('.test.ts') && !file.endsWith('.d.ts'),
)

const imports = sources.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:\bfrom |\bimport |\bimport\()'([^']+)'/g)].map(
    ([, target = '']) => ({
      file,
      layer: layerOf(file),
      target: target.startsWith('.') ? join(dirname(file), target) : target,
      isOurs: target.startsWith('.'),
    }),
  ),
)

describe('arrows', () => {
  it('main knows the kernel by its public surface, and the service', () => {
    assert.deepEqual(targetsOf('main'), [
      'src/kernel/index.ts',
      'src/service/service.ts',
      'src/service/settings.ts',
    ])
  })

  it('the service knows itself and the public surface of the kernel', () => {
    assert.deepEqual(
      ours('service').filter(
        ({ target }) => layerOf(target) !== 'service' && target !== 'src/kernel/index.ts',
      ),
      [],
    )
  })

  it('the kernel knows nothing but itself', () => {
    assert.deepEqual(
      imports.filter(
        ({ layer, isOurs, target }) =>
          layer.startsWith('kernel') && isOurs && !target.startsWith('src/kernel/'),
      ),
      [],
    )
  })

  it('telemetry does not know http, and neither knows what puts them together', () => {
    const forbidden = new Map([
      ['kernel/telemetry', /^src\/kernel\/(http\/|kernel\.ts|run\.ts|health\.ts|settings\.ts)/],
      ['kernel/http', /^src\/kernel\/(run\.ts|exit\.ts)/],
    ])

    assert.deepEqual(
      imports.filter(({ layer, target }) => forbidden.get(layer)?.test(target)),
      [],
    )
  })

  it('what is built on the kernel elsewhere says plainsight/kernel', () => {
    const fixtures = imports.filter(({ file }) => file.startsWith('test/fixtures/'))

    assert.ok(fixtures.some(({ target }) => target === 'plainsight/kernel'))
    assert.deepEqual(
      fixtures.filter(({ target }) => target.startsWith('src/')),
      [],
    )
  })

  it('an example knows itself and the public surface of the kernel', () => {
    const allowed = ['plainsight/kernel', 'plainsight/kernel/environment-values']

    assert.deepEqual(
      imports.filter(
        ({ file, target, isOurs }) =>
          file.startsWith('examples/') &&
          (isOurs
            ? !target.startsWith(file.split('/', 3).join('/'))
            : target.startsWith('plainsight') && !allowed.includes(target)),
      ),
      [],
    )
  })

  it('no two files import each other, directly or round a corner', () => {
    assert.deepEqual(cycles(), [])
  })

  it('a vendor is imported only where its things are made', () => {
    const homes: [RegExp, RegExp][] = [
      // The API, which does nothing by itself, is for services too: spans of their own.
      [/^@opentelemetry\/api$/, /^src\/(kernel\/telemetry|service)\//],
      [/^@opentelemetry\/(?!api$)/, /^src\/kernel\/telemetry\//],
      [/^import-in-the-middle/, /^src\/kernel\/telemetry\/instrumentations\.ts$/],
      [/^prom-client$/, /^src\/kernel\/telemetry\//],
      [/^pino$/, /^src\/kernel\/telemetry\/logger\.ts$/],
      [/^pino-pretty$/, /^src\/kernel\/telemetry\/pretty-printer\.ts$/],
      [/^@hono\/node-server$/, /^src\/kernel\/http\//],
    ]

    assert.deepEqual(
      imports.filter(
        ({ file, target }) =>
          file.startsWith('src/') &&
          homes.some(([vendor, home]) => vendor.test(target) && !home.test(file)),
      ),
      [],
    )
  })
})

/** `src/kernel/http/app.ts` -> `kernel/http`; `src/main.ts` -> `main`. */
function layerOf(file: string): string {
  const [, top = '', next = ''] = file.split('/')
  if (next === '') return top.replace(/\.ts$/, '')
  return next.endsWith('.ts') ? top : `${top}/${next}`
}

function ours(layer: string) {
  return imports.filter((found) => found.layer === layer && found.isOurs)
}

function targetsOf(layer: string): string[] {
  return ours(layer)
    .map(({ target }) => target)
    .toSorted()
}

function cycles(): string[] {
  const targets = new Map<string, string[]>()
  for (const { file, target, isOurs } of imports) {
    if (isOurs) targets.set(file, [...(targets.get(file) ?? []), target])
  }
  const found: string[] = []
  function walk(file: string, path: string[]): void {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    for (const target of targets.get(file) ?? []) walk(target, [...path, file])
  }
  for (const file of targets.keys()) walk(file, [])
  return found
}
