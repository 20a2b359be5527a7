import { z } from 'zod'

const longestKeyBytes = 1024

/** What is validated is what `/openapi.json` describes: both come from here. */
export const keySchema = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'expected a text') })
  .min(1, 'expected at least one character')
  .max(longestKeyBytes, `expected at most ${longestKeyBytes} bytes`)
  .refine((key) => Buffer.byteLength(key) <= longestKeyBytes, {
    error: `expected at most ${longestKeyBytes} bytes`,
    when: ({ issues }) => issues.length === 0,
  })
  .refine((key) => key.isWellFormed(), 'expected Unicode, got half of a surrogate pair')
  .meta({ description: `1 to ${longestKeyBytes} bytes of UTF-8.`, examples: ['key_1'] })

export const valueSchema = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'expected a text') })
  .refine((value) => value.isWellFormed(), 'expected Unicode, got half of a surrogate pair')
  .meta({
    description: 'Any text, the empty one included; MAX_BODY_BYTES limits it.',
    examples: ['value_1'],
  })

export const pairSchema = z
  .object({ key: keySchema, value: valueSchema }, 'expected an object with key and value')
  .meta({ examples: [{ key: 'key_1', value: 'value_1' }] })

export const keyQuerySchema = z.object({ key: keySchema })

/** The answer of `/set` and `/get`; the order of its members is part of the contract. */
export const answerSchema = z
  .strictObject({
    key: z.string(),
    value: z
      .string()
      .meta({ description: 'After /set the value, after /get the text `get <key>: <value>`.' }),
    redis_replication: z.string().meta({
      description:
        "The section Replication of Redis' INFO, from the server that answered, as it came; empty if it broke off.",
    }),
    action: z.enum(['SET', 'GET']),
    pod_ip: z.string().meta({ description: 'POD_IP of the instance that answered, or empty.' }),
  })
  .meta({
    examples: [
      {
        key: 'key_1',
        value: 'get key_1: value_1',
        redis_replication: '# Replication\r\nrole:slave\r\n',
        action: 'GET',
        pod_ip: '10.1.37.13',
      },
    ],
  })

export type Answer = z.infer<typeof answerSchema>

/** RFC 9457. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'For programs; stable.' }),
    trace_id: z.string().optional(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'With 422: every mistake.' }),
  })
  .meta({
    examples: [
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'No value is stored under "key_1".',
        code: 'unknown-key',
      },
    ],
  })
