import { Hono } from 'hono'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'

import { ServiceError, toError } from '../errors.ts'
import type { RequestRecord } from '../telemetry/request-recorder.ts'
import { limitBody } from './body-limit.ts'
import { answerHead } from './head.ts'
import { problem, problemOf, problemResponse } from './problem.ts'
import { RecordingRouter } from './recording-router.ts'
import type { KernelEnv, RequestBindings, Routes } from './routes.ts'

export type Fetch = (request: Request, bindings: RequestBindings) => Response | Promise<Response>

export interface AppOptions {
  maxBodyBytes: number
}

/** Puts routes on the surface that every service shares: problems for errors, 404, 405, HEAD, the body's limit. */
export function createApp(routes: Routes, { maxBodyBytes }: AppOptions): Fetch {
  const router = new RecordingRouter()
  const app = new Hono<KernelEnv>({ router, getPath: routes.getPath })
  app.route('/', routes)
  app.notFound((c) => answerUnmatched(c, router))
  app.onError((error, c) => answerError(error, c.env?.record))

  return function fetch(request, bindings) {
    const { record } = bindings
    try {
      const limited = limitBody(request, bindings.incoming, maxBodyBytes)
      const answer =
        request.method === 'HEAD'
          ? answerHead(limited, (asGet) => app.fetch(asGet, bindings))
          : app.fetch(limited, bindings)
      // Hono handles what is thrown only if it is an Error; `throw 'text'` comes out here.
      return answer instanceof Promise
        ? answer.catch((thrown: unknown) => answerError(thrown, record))
        : answer
    } catch (thrown) {
      return answerError(thrown, record)
    }
  }
}

function answerUnmatched(c: Context<KernelEnv>, router: RecordingRouter): Response {
  const { method, path } = c.req
  const traceId = c.env?.record?.traceId
  // A handler that ran and called `c.notFound()` means the thing, not the path.
  const handlerAnswered = c.env?.record?.route !== undefined
  const allowed = handlerAnswered ? [] : router.methodsOf(path)
  if (allowed.length === 0 || allowed.includes(method)) {
    return problemResponse(problem(404, 'not-found', `There is nothing at ${path}.`), traceId)
  }
  return problemResponse(
    problem(405, 'method-not-allowed', `${path} does not answer ${method}.`),
    traceId,
    { allow: allowed.join(', ') },
  )
}

/** What was thrown, as an answer; the record is told. */
export function answerError(thrown: unknown, record: RequestRecord | undefined): Response {
  const error = toError(thrown)
  if (error instanceof HTTPException) return answerHttpException(error, record)

  record?.fail(error)
  const headers = error instanceof ServiceError ? error.headers : {}
  return problemResponse(problemOf(error), record?.traceId, headers)
}

/** What Hono's own middleware throws. Its headers (a challenge, say) count, its text becomes a problem. */
function answerHttpException(
  exception: HTTPException,
  record: RequestRecord | undefined,
): Response {
  const { status, message } = exception
  if (status >= 500) record?.fail(exception)
  const { headers } = exception.getResponse()
  headers.delete('content-length')
  const detail = message === '' ? 'The request was refused.' : message
  return problemResponse(
    problem(status, `http-${status}`, detail),
    record?.traceId,
    Object.fromEntries(headers),
  )
}
