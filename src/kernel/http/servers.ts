import { getPath } from 'hono/utils/url'

import type { Kernel } from '../kernel.ts'
import type { Logger } from '../telemetry/logger.ts'
import { RateLimit } from '../telemetry/rate-limit.ts'
import type { RequestRecord } from '../telemetry/request-recorder.ts'
import { answerError, createApp } from './app.ts'
import type { Fetch } from './app.ts'
import { isOpsPath, mayBeOpsPath, opsRoutes } from './ops-routes.ts'
import { Refusals } from './refusals.ts'
import type { Routes, RoutesSource } from './routes.ts'
import { TracedResponse } from './traced-response.ts'
import { listen } from './server.ts'
import type { RunningServer } from './server.ts'

export interface RunningServers {
  service: RunningServer
  /** Only with OPS_PORT: probes and metrics on a port of their own. */
  ops: RunningServer | undefined
}

/** Listens on one port, or on two. @throws StartError */
export async function startServers(source: RoutesSource, kernel: Kernel): Promise<RunningServers> {
  const { settings, health, metrics, logger } = kernel
  const appOptions = { maxBodyBytes: settings.MAX_BODY_BYTES }
  const onBug = limitedBugLog(logger)
  const opsFetch = unrecordedFetch(createApp(opsRoutes(health, metrics), appOptions), onBug)
  const serviceFetch = recordedFetch(source, kernel, appOptions)

  const common = {
    host: settings.HOST,
    headersTimeoutSeconds: settings.HEADERS_TIMEOUT_SECONDS,
    requestTimeoutSeconds: settings.REQUEST_TIMEOUT_SECONDS,
    keepAliveTimeoutSeconds: settings.KEEP_ALIVE_TIMEOUT_SECONDS,
    maxHeaderBytes: settings.MAX_HEADER_BYTES,
    refusals: new Refusals(metrics, logger),
    onBug,
    isDraining: () => health.draining,
    isRecording: () => kernel.recorder.isRecording,
  }
  if (settings.OPS_PORT === undefined) {
    const fetch = byPath(opsFetch, serviceFetch)
    return {
      service: await listen({ ...common, fetch, port: settings.PORT, portSetting: 'PORT' }),
      ops: undefined,
    }
  }

  const ops = await listen({
    ...common,
    fetch: opsFetch,
    port: settings.OPS_PORT,
    portSetting: 'OPS_PORT',
  })
  try {
    const service = await listen({
      ...common,
      fetch: serviceFetch,
      port: settings.PORT,
      portSetting: 'PORT',
    })
    return { service, ops }
  } catch (error) {
    await ops.close(0)
    throw error
  }
}

/** Probes and scrapes leave no record, but a bug in them must not go unseen. */
function unrecordedFetch(fetch: Fetch, onBug: (error: Error) => void): Fetch {
  const record: RequestRecord = {
    traceId: undefined,
    route: undefined,
    run: (work) => work(),
    setRoute() {},
    fail: onBug,
  }
  return (request, bindings) => fetch(request, { ...bindings, record })
}

/** A scrape comes every few seconds: a line a minute tells as much. */
function limitedBugLog(logger: Logger): (error: Error) => void {
  const limit = new RateLimit(1, 60)
  return function onBug(error) {
    const suppressed = limit.admit()
    if (suppressed === undefined) return
    logger.error(
      { err: error, ...(suppressed > 0 && { suppressed }) },
      'failed outside of a recorded request',
    )
  }
}

function byPath(opsFetch: Fetch, serviceFetch: Fetch): Fetch {
  return function fetch(request, bindings) {
    // The router finds the path once more; most requests can be told apart by their second character.
    return mayBeOpsPath(bindings.incoming.url) && isOpsPath(getPath(request))
      ? opsFetch(request, bindings)
      : serviceFetch(request, bindings)
  }
}

/** The service's routes inside the request recorder. A new app is made only when the routes are new ones. */
function recordedFetch(
  source: RoutesSource,
  { recorder }: Kernel,
  appOptions: Parameters<typeof createApp>[1],
): Fetch {
  let routes = currentRoutes()
  let app = createApp(routes, appOptions)
  const apps = new WeakMap([[routes, app]])

  function currentRoutes(): Routes {
    return typeof source === 'function' ? source() : source
  }
  function currentApp(): Fetch {
    const current = currentRoutes()
    if (current === routes) return app
    // What comes back (two sets of routes by turns) is no reason for a new app.
    routes = current
    app = apps.get(routes) ?? createApp(routes, appOptions)
    apps.set(routes, app)
    return app
  }

  return function fetch(request, bindings) {
    const { incoming, outgoing } = bindings
    if (!(outgoing instanceof TracedResponse)) throw new TypeError('No answer of this server.')
    const record = recorder.begin(request, incoming, outgoing)
    outgoing.record = record
    // The object is of this request alone.
    bindings.record = record
    return record.run(() => {
      try {
        return currentApp()(request, bindings)
      } catch (thrown) {
        return answerError(thrown, record)
      }
    })
  }
}
