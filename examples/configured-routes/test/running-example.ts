import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { valueOf } from '../../../test/support/exposition.ts'
import type { Sample } from '../../../test/support/exposition.ts'
import { startObserved } from '../../../test/support/observed-service.ts'
import type { ObservedService } from '../../../test/support/observed-service.ts'

export const main = 'examples/configured-routes/src/main.ts'

export interface Example extends ObservedService {
  url: string
  folder: string
  file: string
  /** Writes over the file of routes. */
  write(yaml: string): Promise<void>
  /** Resolves when the service emits such measurements. */
  until(what: string, probe: (samples: Sample[]) => boolean): Promise<void>
}

/** The service with a file of routes in a folder of its own; it looks at the file twenty times a second. */
export async function startExample(
  yaml: string,
  environmentIn: (folder: string) => Record<string, string> = () => ({}),
): Promise<Example> {
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'configured-routes-'))
  starting.defer(() => rm(folder, { recursive: true }))
  const file = join(folder, 'routes.yaml')
  await writeFile(file, yaml)
  const observed = starting.use(
    await startObserved({
      main,
      env: { CONFIG_FILE: file, CONFIG_POLL_SECONDS: '0.05', ...environmentIn(folder) },
    }),
  )
  const running = starting.move()

  return {
    ...observed,
    url: observed.service.url,
    folder,
    file,
    write: (text) => writeFile(file, text),
    until: (what, probe) => until(observed, what, probe),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export function isUnderWay(samples: Sample[]): boolean {
  return valueOf(samples, 'http_server_active_requests') > 0
}

async function until(
  { samples, service }: ObservedService,
  what: string,
  probe: (samples: Sample[]) => boolean,
): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!probe(await samples())) {
    if (performance.now() > deadline) throw new Error(`never ${what}\n${service.stdout()}`)
    await sleep(20)
  }
}
