import { z } from 'zod'

import { answerSchema, keySchema, pairSchema, problemSchema, valueSchema } from './schemas.ts'

/** OpenAPI 3.1, whose schemas are JSON Schema: those that requests are validated with. */
export function openApiDocument(version: string) {
  return {
    openapi: '3.1.1',
    info: {
      title: 'key-value',
      version,
      description: 'Writes go to a Redis primary, reads come from its replicas.',
    },
    paths: {
      '/set': {
        post: {
          operationId: 'set',
          summary: 'Store a value, and see the server that took it.',
          requestBody: body('application/json', reference('Pair')),
          responses: {
            200: answer('Stored.', 'application/json', reference('Answer')),
            ...writeProblems,
            400: problem('No JSON, or no UTF-8.'),
          },
        },
      },
      '/get': {
        get: {
          operationId: 'get',
          summary: 'Read a value, and see the server that gave it.',
          parameters: [{ name: 'key', in: 'query', required: true, schema: reference('Key') }],
          responses: {
            200: answer('Found.', 'application/json', reference('Answer')),
            ...readProblems,
          },
        },
      },
      '/keys/{key}': {
        parameters: [{ name: 'key', in: 'path', required: true, schema: reference('Key') }],
        put: {
          operationId: 'putKey',
          summary: 'Store a value, whether there was one or not.',
          requestBody: body('text/plain', reference('Value')),
          responses: { 204: { description: 'Stored.' }, ...writeProblems },
        },
        get: {
          operationId: 'getKey',
          summary: 'Read a value.',
          responses: {
            200: answer('Found.', 'text/plain', reference('Value')),
            ...readProblems,
          },
        },
        delete: {
          operationId: 'deleteKey',
          summary: 'Remove a value.',
          responses: {
            204: { description: 'Removed.' },
            404: problem('No value is stored there.'),
            ...withoutBody,
          },
        },
      },
      '/openapi.json': {
        get: {
          operationId: 'openApi',
          summary: 'This document.',
          responses: { 200: answer('OpenAPI 3.1.', 'application/json', { type: 'object' }) },
        },
      },
    },
    components: {
      schemas: {
        Key: jsonSchema(keySchema),
        Value: jsonSchema(valueSchema),
        Pair: jsonSchema(pairSchema),
        Answer: jsonSchema(answerSchema),
        Problem: jsonSchema(problemSchema),
      },
    },
  }
}

const malformed = problem('The URL or the body is no UTF-8.')
const broken = problem('Every mistake is listed.')

const withoutBody = {
  400: malformed,
  422: broken,
  503: problem('The primary is away, full or unsure, or too few replicas have it: `code` tells.'),
  504: problem('The primary did not answer in time: it may or may not have happened.'),
}
const writeProblems = { ...withoutBody, 413: problem('The body is longer than MAX_BODY_BYTES.') }
const readProblems = {
  400: malformed,
  404: problem('No value is stored there.'),
  409: problem('What is stored there is no text.'),
  422: broken,
  503: problem('No server that may be read from answers.'),
  504: problem('None answered in time.'),
}

function jsonSchema(schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

function body(type: string, schema: object) {
  return { required: true, content: { [type]: { schema } } }
}

function answer(description: string, type: string, schema: object) {
  return { description, content: { [type]: { schema } } }
}

function problem(description: string) {
  return answer(description, 'application/problem+json', reference('Problem'))
}
