import type { HonoRequest } from 'hono'
import { ServiceError } from 'plainsight/kernel'
import type { z } from 'zod'

/** @throws ServiceError 422 that lists every mistake by its field */
export function checked<schema extends z.ZodType>(schema: schema, input: unknown): z.infer<schema> {
  const { data, error } = schema.safeParse(input)
  if (!error) return data
  const errors = error.issues.map(({ path, message }) => ({
    field: path.length === 0 ? 'body' : path.join('.'),
    message,
  }))
  throw new ServiceError(
    'unprocessable',
    'invalid-input',
    `${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}.`,
    { extensions: { errors } },
  )
}

/** @throws ServiceError 400 */
export async function readJson(request: HonoRequest): Promise<unknown> {
  const text = await readText(request)
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new ServiceError('invalid', 'malformed-json', 'The body is no JSON.', { cause })
  }
}

/** The body as it is: what is no UTF-8 would come back changed, so it is refused. */
export async function readText(request: HonoRequest): Promise<string> {
  const bytes = await request.arrayBuffer()
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new ServiceError('invalid', 'malformed-text', 'The body is no UTF-8.', { cause })
  }
}

/** Hono leaves an escape that it cannot decode as it is: two addresses would then name one key. */
export function refuseMalformedUrl({ url }: HonoRequest): void {
  try {
    decodeURIComponent(url)
  } catch (cause) {
    throw new ServiceError('invalid', 'malformed-url', 'The URL has an escape that is no UTF-8.', {
      cause,
    })
  }
}
