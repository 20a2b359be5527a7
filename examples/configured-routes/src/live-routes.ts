import type { Logger, Metrics } from 'plainsight/kernel'

import { UnreadableConfiguration } from './mistakes.ts'
import { RouteTable } from './route-table.ts'
import { parseRoutes } from './routes-yaml.ts'
import type { Look } from './watched-file.ts'

interface LiveRoutesOptions {
  file: string
  logger: Logger
  metrics: Metrics
}

/** The routes in effect: those of the last file that was without mistakes. Logs and metrics tell what became of it. */
export class LiveRoutes {
  readonly #file: string
  readonly #logger: Logger
  readonly #metrics: ReturnType<typeof configurationMetrics>
  #table = new RouteTable([])
  #refusal: Error | undefined

  constructor({ file, logger, metrics }: LiveRoutesOptions) {
    this.#file = file
    this.#logger = logger
    this.#metrics = configurationMetrics(metrics)
  }

  get table(): RouteTable {
    return this.#table
  }

  /** Rejects while the file, as it is now, is refused. */
  async check(): Promise<void> {
    if (this.#refusal) throw this.#refusal
  }

  /** @throws InvalidConfiguration, UnreadableConfiguration; then everything is as before */
  takeUp(look: Look): void {
    if ('unreadable' in look) throw new UnreadableConfiguration(look.unreadable)
    this.#table = new RouteTable(parseRoutes(look.text, this.#file))
    this.#refusal = undefined
    this.#metrics.taken(look.hash, this.#table.size)
    this.#logger.info(
      { file: this.#file, hash: look.hash, routes: this.#table.size },
      'configuration taken up',
    )
  }

  /** The same for a service that runs: what is refused leaves the routes before it in effect. */
  reload(look: Look): void {
    try {
      this.takeUp(look)
    } catch (error) {
      this.#refusal = error as Error
      this.#metrics.refused()
      this.#logger.warn(
        { file: this.#file, reason: this.#refusal.message },
        'configuration refused, the routes before it stay',
      )
    }
  }
}

function configurationMetrics(metrics: Metrics) {
  const success = metrics.gauge({
    name: 'config_reload_success',
    help: '1 if the configuration file, as it is now, is in effect; 0 if it was refused.',
  })
  const lastSuccess = metrics.gauge({
    name: 'config_last_reload_success_timestamp_seconds',
    help: 'Unix time at which the configuration in effect was taken up.',
  })
  const info = metrics.gauge({
    name: 'config_info',
    help: '1 for the configuration in effect; the hash is that of its file.',
    labelNames: ['hash'],
  })
  const routes = metrics.gauge({ name: 'config_routes', help: 'Routes in effect.' })
  const reloads = metrics.counter({
    name: 'config_reloads_total',
    help: 'Configuration files that were taken up or refused, the one of the start included.',
    labelNames: ['outcome'],
  })
  for (const outcome of ['taken', 'refused']) reloads.inc({ outcome }, 0)

  return {
    taken(hash: string, count: number): void {
      info.reset()
      info.set({ hash }, 1)
      success.set(1)
      lastSuccess.set(Date.now() / 1000)
      routes.set(count)
      reloads.inc({ outcome: 'taken' })
    },
    refused(): void {
      success.set(0)
      reloads.inc({ outcome: 'refused' })
    },
  }
}
